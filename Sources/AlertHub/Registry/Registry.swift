public import Alerts
public import Identity
internal import Notation

/// Keys that an identity had before the ones it has now.
public struct FormerKeys: Sendable, Equatable {
    public var keys: PublicKeys
    /// Until then they are as good as the new ones; afterwards they only serve to verify what they have signed.
    public var until: Timestamp

    public init(keys: PublicKeys, until: Timestamp) {
        self.keys = keys
        self.until = until
    }
}

/// What an identity may do beside publishing and reading.
public enum Permission: String, Sendable, CaseIterable {
    /// Acknowledge alerts.
    case ack
    /// Learn the names of who has seen an alert, and of who has not, and which posts are silent.
    case receipts

    static let words = allCases.map(\.rawValue).joined(separator: ", ")
}

/// An identity and what it may do.
public struct EnrolledIdentity: Sendable, Equatable {
    public var keys: PublicKeys
    /// Oldest first; at most ``mostFormer``.
    public var former: [FormerKeys] = []
    public var publish: Grant
    public var read: Grant
    /// Provinces beyond `publish` that its alerts may concern beside their origin; nil: all.
    public var address: Grant?
    /// What it keeps watch over: of these alerts it is one of those on duty. Covered by `read`.
    public var duty: Grant
    public var may: Set<Permission>

    /// Key pairs that the registry remembers of one identity, beside the ones in force.
    public static let mostFormer = 8

    public init(
        keys: PublicKeys, publish: Grant, read: Grant, address: Grant? = nil, duty: Grant = .none,
        may: Set<Permission> = [], former: [FormerKeys] = []
    ) {
        self.address = address
        self.duty = duty
        self.may = may
        self.keys = keys
        self.former = former
        self.publish = publish
        self.read = read
    }

    public var name: String { keys.name }

    /// Whether it may send the hub anything at all: alerts, or acknowledgements alone.
    var sends: Bool { !publish.isEmpty || may.contains(.ack) }
}

/// The hub's list of identities and their grants. A value: replaced whole when its file changes.
public struct Registry: Sendable, Equatable {
    /// By name, ascending.
    public private(set) var identities: [EnrolledIdentity]
    private var byUser: [String: Int]

    /// - Precondition: names and CURVE keys are unique; ``RegistryFile`` checks that.
    public init(_ identities: [EnrolledIdentity] = []) {
        self.identities = identities.sorted { $0.name < $1.name }
        byUser = [:]
        for (index, identity) in self.identities.enumerated() {
            for user in identity.users { byUser[user] = index }
        }
    }

    /// The same without the former keys whose time is over, so that they open nothing any more.
    func current(at now: Timestamp) -> Registry {
        guard identities.contains(where: { $0.former.contains { $0.until <= now } }) else { return self }
        return Registry(
            identities.map { identity in
                var identity = identity
                identity.former.removeAll { $0.until <= now }
                return identity
            })
    }

    /// When ``current(at:)`` next has less in it; nil: never.
    var nextExpiry: Timestamp? { identities.lazy.flatMap(\.former).map(\.until).min() }

    public func named(_ name: String) -> EnrolledIdentity? {
        identities.first { $0.name == name }
    }

    /// Whose connection carries this user id; nil when the key is not, or no longer, in the registry.
    public func identity(user: String) -> EnrolledIdentity? {
        byUser[user].map { identities[$0] }
    }
}

extension EnrolledIdentity {
    /// The user id that ZAP gives a connection: the CURVE key itself, so that a name enrolled anew under another key
    /// doesn't take over connections of the old one.
    var user: String { keys.curve.hex }

    /// With those of the former keys that are there: which is all that an identity may be connected as.
    var users: Set<String> { Set(former.map { $0.keys.curve.hex } + [user]) }
}
