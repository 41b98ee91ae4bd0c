internal import Alerts
internal import AlertStore
internal import Platform
internal import PostgresLog
internal import Provinces
internal import Settings

/// `borderwire-hub migrate`: makes the tables and users of a log in PostgreSQL, or brings them to this program's version.
public enum MigrateCommand {
    public struct Report: Sendable, Equatable {
        /// Where it is, for people.
        public var place: String
        /// Users that were made, without a password yet.
        public var users: [String]
        /// Versions of the tables before, 0 where there were none, and now.
        public var from: Int
        public var to: Int
        /// Identities of the registry's file that the database has now; nil: it has had a registry, or there is no file.
        public var identities: Int?
    }

    /// The first time it takes over the registry's file too, which no hub reads any more from then on.
    /// - user: who may make users and schemas there.
    public static func run(_ settings: HubSettings, as user: String) throws -> Report {
        guard settings.store.kind == .postgres else {
            throw Failure(
                "the store is \(settings.store.kind.rawValue), which the hub makes and converts by itself when it starts",
                remedy: "set kind = \"postgres\" in [store] to keep the log in PostgreSQL", status: .config)
        }
        let place = settings.store.place(key: settings.key.path)
        let provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
        let registry = try RegistryFile(path: settings.registry.path, provinces: provinces).read()
        var version: RegistryVersion?
        if !registry.identities.isEmpty {
            version = RegistryVersion(
                number: 1, at: Timestamp(milliseconds: wallClockMilliseconds()),
                who: SharedRegistry.who(settings.hubName), text: Array(RegistryText.text(of: registry).utf8))
        }
        let report = try PostgresMigration.run(place, as: user, registry: version)
        return Report(
            place: place.location, users: report.roles, from: report.from, to: report.to,
            identities: report.isRegistryTaken ? registry.identities.count : nil)
    }
}
