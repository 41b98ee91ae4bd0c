public import Alerts

/// A version of the registry as a shared log keeps it: the whole text.
public struct RegistryVersion: Sendable, Equatable {
    /// From 1, without a hole.
    public var number: UInt64
    public var at: Timestamp
    /// Who made it, as the command that did so knows it.
    public var who: String
    public var text: [UInt8]

    public init(number: UInt64, at: Timestamp, who: String, text: [UInt8]) {
        self.number = number
        self.at = at
        self.who = who
        self.text = text
    }
}

/// What a hub has last said of itself in a shared log.
public struct HubSighting: Sendable, Equatable {
    public var name: String
    /// Counts up while the hub lives and hears the log.
    public var seen: UInt64
    /// The version of the registry that it had in force when it last counted; 0: none yet.
    public var registry: UInt64

    public init(name: String, seen: UInt64, registry: UInt64) {
        self.name = name
        self.seen = seen
        self.registry = registry
    }
}

/// The versions of the registry in a shared log, which are only added to. Used from one thread at a time.
public protocol RegistryLog: AnyObject {
    /// nil: there is none yet.
    func newest() throws(StoreError) -> RegistryVersion?
    /// The number of the newest version; 0: there is none yet.
    func newestNumber() throws(StoreError) -> UInt64
    /// The newest versions without their texts, the newest first.
    func history(limit: Int) throws(StoreError) -> [RegistryVersion]
    /// Adds the version that follows the newest one, as the role that may. Durable when it returns.
    /// - Returns: false where another of this number was first.
    func add(_ version: RegistryVersion) throws(StoreError) -> Bool
    /// All that have ever been there, by name.
    func hubs() throws(StoreError) -> [HubSighting]
    func close()
}
