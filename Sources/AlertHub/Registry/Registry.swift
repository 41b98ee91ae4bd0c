public import Alerts
public import Identity

/// An identity and what it may do.
public struct Registered: Sendable, Equatable {
    public var keys: PublicKeys
    public var publish: Grant
    public var read: Grant

    public init(keys: PublicKeys, publish: Grant, read: Grant) {
        self.keys = keys
        self.publish = publish
        self.read = read
    }

    public var name: String { keys.name }
}

/// The hub's list of identities and their grants. A value: replaced whole when its file changes.
public struct Registry: Sendable, Equatable {
    /// By name, ascending.
    public private(set) var identities: [Registered]
    private var byUser: [String: Int]

    /// - Precondition: names and CURVE keys are unique; ``RegistryFile`` checks that.
    public init(_ identities: [Registered] = []) {
        self.identities = identities.sorted { $0.name < $1.name }
        byUser = [:]
        for (index, identity) in self.identities.enumerated() { byUser[identity.user] = index }
    }

    public func named(_ name: String) -> Registered? {
        identities.first { $0.name == name }
    }

    /// Whose connection carries this user id; nil when the key is not, or no longer, in the registry.
    public func identity(user: String) -> Registered? {
        byUser[user].map { identities[$0] }
    }
}

extension Registered {
    /// The user id that ZAP gives a connection: the CURVE key itself, so that a name enrolled anew under another key
    /// doesn't take over connections of the old one.
    var user: String { keys.curve.hex }
}
