internal import AlertStore
internal import Alerts
internal import Identity
internal import Settings

/// Looks at everything that would stop the hub from starting, without starting it.
public enum Check {
    public struct Finding: Sendable, Equatable {
        public var subject: String
        /// Nil: in order.
        public var problem: String?
    }

    /// One finding per subject, all of them, in the order in which the hub would meet them.
    public static func run(_ settings: HubSettings) -> [Finding] {
        var findings: [Finding] = []
        func look(_ subject: String, _ work: () throws -> Void) {
            do {
                try work()
                findings.append(Finding(subject: subject, problem: nil))
            } catch {
                findings.append(Finding(subject: subject, problem: "\(error)"))
            }
        }
        look("key \(settings.key)") { _ = try KeyFiles.readSecret(settings.key.path) }
        var provinces: ProvinceDirectory?
        look("provinces") { provinces = try ReferenceData.provinces(overlay: settings.provinces?.path) }
        if let provinces {
            look("registry \(settings.registry)") {
                let registry = try RegistryFile(path: settings.registry.path, provinces: provinces).read()
                let grants = Set(registry.identities.map(\.read)).filter { !$0.isEmpty }
                let range = settings.listen.feeds
                guard range[0] == 0 || grants.count <= range[1] - range[0] + 1 else {
                    throw HubFailure(
                        "\(grants.count) distinct read grants, \(range[1] - range[0] + 1) ports in listen.feeds",
                        remedy: "widen listen.feeds", status: .config)
                }
            }
        }
        look("database \(settings.database)") {
            guard try Files.facts(of: settings.state.path)?.kind == .directory else {
                throw HubFailure(
                    "\(settings.state) is not a directory", remedy: "mkdir -m 0700 \(settings.state)",
                    status: .config)
            }
            guard try Files.facts(of: settings.database) != nil else { return }
            let reader = try SQLiteReader(path: settings.database)
            _ = try reader.head()
            try reader.close()
        }
        look("free space at \(settings.state)") { try Hub.checkRoom(settings) }
        return findings
    }
}
