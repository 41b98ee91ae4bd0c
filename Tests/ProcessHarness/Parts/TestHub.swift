internal import FoundationEssentials
internal import Identity
internal import Platform
internal import Synchronization
public import Wire

/// The testbed's hub: its files, and the daemon, which is not started with it.
public final class TestHub: Sendable {
    public let testbed: Testbed
    /// Of its key.
    public let name: String
    private let firstPort: Int
    /// Holds `hub.toml`, the keys, the registry and `state`.
    public let directory: String
    /// The path of `hub.toml`.
    public let settings: String
    public var state: String { directory + "/state" }
    public var database: String { state + "/alerts.db" }
    public var controlPort: Int { firstPort }
    public var ingestPort: Int { firstPort + 1 }
    /// The feeds' ports, as many as may be needed.
    public var feedPorts: ClosedRange<Int> { firstPort + 2...firstPort + 39 }
    public var metricsPort: Int { firstPort + 40 }
    private let daemon: Daemon
    static let ports = 41
    /// Between two questions.
    private static let pause = Duration.milliseconds(50)

    /// - number: of the hubs of one testbed.
    init(
        _ testbed: Testbed, name: String, number: Int, registry: String, extra: String
    ) throws(TestbedError) {
        self.testbed = testbed
        self.name = name
        directory = try testbed.makeDirectory(name)
        _ = try testbed.makeDirectory(name + "/state")
        try testbed.makeKeys(name, in: directory)
        let first = testbed.firstPort + number * TestHub.ports
        firstPort = first
        settings = try testbed.write(
            """
            key = "\(name).key"
            registry = "\(registry)"
            state = "state"
            \(try testbed.overlay())

            [listen]
            address = "\(testbed.address)"
            control = \(first)
            ingest = \(first + 1)
            feeds = [\(first + 2), \(first + 39)]

            [metrics]
            address = "\(testbed.address)"
            port = \(first + 40)

            \(extra)

            """, to: name + "/hub.toml")
        daemon = Daemon(testbed, .hub, ["run", "--config", settings])
    }

    /// Settings of a second hub with the same identities, for another state directory; on any free ports.
    public func settingsElsewhere(state: String) throws(TestbedError) -> String {
        try testbed.write(
            """
            key = "hub.key"
            registry = "registry.toml"
            state = "\(state)"
            \(try testbed.overlay())

            [listen]
            address = "\(testbed.address)"
            control = 0
            ingest = 0
            feeds = [0, 0]

            [metrics]
            serve = false

            """, to: "hub/elsewhere.toml")
    }

    /// What the daemon is started by from now on, e.g. nsenter(1) and its options; it must become the daemon (exec).
    public func setStarter(_ words: [String]) { daemon.starter.withLock { $0 = words } }

    /// The daemon's process, of the last start; nil before the first.
    public var process: Running? { daemon.running }

    /// Returns once it is ready.
    /// - environment: as for ``Testbed/start(_:_:input:environment:appendingTo:onLine:)``.
    public func start(environment: [String: String?] = [:]) async throws(TestbedError) {
        try await daemon.start(environment)
    }

    /// SIGTERM, and its end.
    @discardableResult
    public func stop() async throws(TestbedError) -> Account {
        try await daemon.end { running throws(TestbedError) in try await running.stop() }
    }

    /// SIGKILL.
    @discardableResult
    public func kill() async throws(TestbedError) -> Account {
        try await daemon.end { running throws(TestbedError) in try await running.kill() }
    }

    /// `borderwire-hub COMMAND --config hub.toml ARGUMENTS`.
    public func run(_ command: String, _ arguments: [String] = []) async throws(TestbedError) -> Account {
        try await testbed.run(.hub, [command, "--config", settings] + arguments)
    }

    /// `borderwire-hub COMMAND PART --config hub.toml ARGUMENTS`.
    public func run(
        _ command: String, of part: String, _ arguments: [String] = []
    ) async throws(TestbedError) -> Account {
        try await testbed.run(.hub, [command, part, "--config", settings] + arguments)
    }

    /// Gives an identity, by its public key file, its grants. Returns once a hub that runs has taken them.
    public func enroll(
        _ publicKey: String, publish: [String] = [], read: [String] = [], duty: [String] = [],
        may: [String] = []
    ) async throws(TestbedError) {
        var arguments = [publicKey]
        if !publish.isEmpty { arguments += ["--publish", publish.joined(separator: ",")] }
        if !read.isEmpty { arguments += ["--read", read.joined(separator: ",")] }
        if !duty.isEmpty { arguments += ["--duty", duty.joined(separator: ",")] }
        if !may.isEmpty { arguments += ["--may", may.joined(separator: ",")] }
        let account = try await run("enroll", arguments)
        // The command gives a running hub some seconds, and a slow machine takes longer.
        guard account.status == 75, process?.account.ending == nil,
            account.talk.contains(where: { $0.contains("not in force") })
        else { return try account.expect(0, "enroll \(arguments)") }
        let name = publicKey.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
        let end = steadyClock() + Testbed.patience
        while try await !status().links.contains(where: { $0.identity == name }) {
            guard steadyClock() < end else {
                throw TestbedError("enroll", "the hub has not taken it", account)
            }
            try? await Task.sleep(for: TestHub.pause)
        }
    }

    /// Asks again where no hub answers in time, as long as the daemon runs.
    public func status() async throws(TestbedError) -> HubStatus {
        let end = steadyClock() + Testbed.patience
        while true {
            let account = try await run("status", ["--format", "json"])
            if account.status == 69, let process, process.account.ending == nil, steadyClock() < end {
                try? await Task.sleep(for: TestHub.pause)
                continue
            }
            try account.expect(0, "status")
            return try account.decodeFirstLine(HubStatus.self)
        }
    }
}

extension TestHub {
    /// What says in the settings of a post or an analyst where these hubs are: one, or the list that is gone through.
    static func links(_ hubs: [TestHub]) -> String {
        hubs.map { hub in
            """
            \(hubs.count == 1 ? "[hub]" : "[[hub]]")
            host = "\(hub.testbed.address)"
            control = \(hub.controlPort)
            key = "\(hub.directory)/\(hub.name).pub"

            """
        }.joined(separator: "\n")
    }
}

extension Testbed {
    /// Makes the hub's files.
    /// - extra: more of `hub.toml`, e.g. a `[limits]` table.
    public func hub(extra: String = "") throws(TestbedError) -> TestHub {
        try TestHub(self, name: "hub", number: 0, registry: "registry.toml", extra: extra)
    }

    /// Makes the files of hubs that share a log: `hub-a`, `hub-b` and so on, each with its own keys.
    /// - store: of each, what `[store]` says of where the log is.
    public func hubs(_ stores: [String]) throws(TestbedError) -> [TestHub] {
        var hubs: [TestHub] = []
        for (number, (letter, store)) in zip("abcdefgh", stores).enumerated() {
            hubs.append(
                try TestHub(
                    self, name: "hub-\(letter)", number: number, registry: directory + "/registry.toml",
                    extra: """
                        [store]
                        kind = "postgres"
                        postgres = "\(store)"
                        """))
        }
        return hubs
    }

    /// Makes `NAME.key` and `NAME.pub`.
    public func makeKeys(_ name: String, in directory: String) throws(TestbedError) {
        do { try KeyFiles.generate(name: name, directory: directory) } catch {
            throw TestbedError("\(error)")
        }
    }

    /// The tree's own overlay, whatever is installed on the machine.
    func overlay() throws(TestbedError) -> String { "provinces = \"\(try BuiltTree.config)/provinces.toml\"" }
}

extension Account {
    /// - Throws: unless the process ended with this status.
    public func expect(_ status: Int32, _ title: String) throws(TestbedError) {
        guard self.status == status else { throw TestbedError(title, "should end with \(status)", self) }
    }

    func decodeFirstLine<Value: Decodable>(_ type: Value.Type) throws(TestbedError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data((output.first ?? "").utf8))
        } catch {
            throw TestbedError("\(type)", "unreadable: \(error)", self)
        }
    }
}
