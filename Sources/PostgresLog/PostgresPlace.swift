public import AlertStore

/// Where a shared log is, and as whom it is opened there.
public struct PostgresPlace: Sendable {
    /// As libpq takes it: `host=a,b port=5432 dbname=borderwire sslmode=verify-full`, or an address. Names all servers of which
    /// one may be the primary.
    public var servers: String
    /// The hub's name, under which it has the lease.
    public var hub: String
    /// The passwords of the hub's own user, of the one who erases and of the one who changes the registry; nil: libpq finds one by its own ways, or needs none.
    public var password: @Sendable () throws(StoreError) -> String? = { () throws(StoreError) in nil }
    public var eraserPassword: @Sendable () throws(StoreError) -> String? = { () throws(StoreError) in nil }
    public var operatorPassword: @Sendable () throws(StoreError) -> String? = { () throws(StoreError) in nil }
    /// What an alert is of and when it ends, known as it is committed; nil: it is noted later.
    public var retention: @Sendable (Record) -> RetentionEntry? = { _ in nil }
    /// How long each answer may take, and each server to be connected to.
    public var deadline = Duration.seconds(2)
    /// How long the writer of a log that is not shared waits for the end of another's session.
    public var patience = Duration.seconds(3)
    /// How long a hub of the same name must have been still before this one takes its place.
    public var silence = Duration.seconds(3)

    public init(servers: String, hub: String) {
        self.servers = servers
        self.hub = hub
    }

    /// The database's roles: each a user that can log in, made by ``PostgresMigration``.
    public enum Role: String, Sendable, CaseIterable {
        /// Owns the tables; nobody logs in as this one.
        case owner = "borderwire_owner"
        /// Adds, and neither changes nor removes what it has stored.
        case hub = "borderwire_hub"
        /// Removes contents and what says who read, when their time is over.
        case eraser = "borderwire_eraser"
        /// Adds versions of the registry.
        case enrolment = "borderwire_operator"
    }
}
