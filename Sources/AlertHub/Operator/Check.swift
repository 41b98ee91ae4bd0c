internal import Alerts
internal import AlertStore
internal import Identity
internal import Platform
internal import Provinces
internal import Settings

/// Looks at everything that would stop the hub from starting, without starting it.
public enum Check {
    public struct Finding: Sendable, Equatable {
        public var subject: String
        /// Nil: in order.
        public var problem: String?
    }

    /// One finding per subject, all of them, in the order in which the hub would meet them.
    /// - file: where the settings are from.
    public static func run(_ settings: HubSettings, file: String) -> [Finding] {
        var findings: [Finding] = []
        func look(_ subject: String, _ work: () throws -> Void) {
            do {
                try work()
                findings.append(Finding(subject: subject, problem: nil))
            } catch {
                findings.append(Finding(subject: subject, problem: "\(error)"))
            }
        }
        let files = FileCheck(settings: settings, file: file)
        var keys: IdentityKeys?
        look("key \(settings.key)") { keys = try KeyFiles.readSecret(settings.key.path) }
        var provinces: ProvinceDirectory?
        look("provinces") { provinces = try ReferenceData.provinces(overlay: settings.provinces?.path) }
        var registry: Registry?
        if let provinces {
            let store = settings.registryStore(provinces)
            look("registry \(store is RegistryFile ? "\(settings.registry)" : "in \(store.location)")") {
                let read = try store.read()
                registry = read
                let range = settings.listen.feeds
                let grants = distinctGrants(read)
                guard range[0] == 0 || grants <= range[1] - range[0] + 1 else {
                    throw Failure(
                        "\(grants) distinct read grants, \(range[1] - range[0] + 1) ports in listen.feeds",
                        remedy: "widen listen.feeds", status: .config)
                }
            }
        }
        if let registry {
            look("public keys beside the registry") { try files.keys(registry, hub: keys) }
        }
        look("modes and owners of files") { try files.modes() }
        look("ports on \(settings.listen.address)") {
            let plan = ListenPlan(settings)
            try plan.verify()
            // A running hub has its ports itself.
            guard (try? settings.log.isInUse()) != true else { return }
            try plan.tryPorts(grants: registry.map(distinctGrants) ?? 0)
        }
        look("log \(settings.log.location) (\(settings.store.kind.rawValue))") {
            guard try Files.facts(of: settings.state.path)?.kind == .directory else {
                throw Failure(
                    "\(settings.state) is not a directory", remedy: "mkdir -m 0700 \(settings.state)",
                    status: .config)
            }
            guard !Files.isMountedReadOnly(settings.state.path) else {
                throw Failure(
                    "\(settings.state) is mounted read-only: there a log can be verified, and no hub can run",
                    remedy: "mount it for writing", status: .config)
            }
            guard try settings.log.isMade() else {
                guard settings.store.kind == .postgres else { return }
                throw Failure(
                    "there is no log in it yet", remedy: "run borderwire-hub migrate", status: .config)
            }
            let problems = try settings.store.problems(key: settings.key.path)
            guard problems.isEmpty else { throw Failure(problems.joined(separator: "; "), status: .config) }
            let reader = try settings.log.reader()
            _ = try reader.head()
            try reader.close()
        }
        look("clock") {
            let report = try ClockCommand.report(settings)
            let problems = [report.doubt, report.log].compactMap { $0 }
            guard problems.isEmpty else {
                throw Failure(problems.joined(separator: "; "), status: .config)
            }
        }
        look("record of who read \(settings.log.auditLocation)") {
            guard try settings.log.isAuditMade() else { return }
            try settings.log.auditReader().close()
        }
        look("free space at \(settings.state)") { try Hub.checkRoom(settings) }
        return findings
    }

    private static func distinctGrants(_ registry: Registry) -> Int {
        Set(registry.identities.map(\.read)).count { !$0.isEmpty }
    }
}
