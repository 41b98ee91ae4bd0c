import AlertHub
import Foundation
import Platform
import PostgresServer
import ProcessHarness
import Settings
import Testing
import Wire

/// Three hub programs on one log in PostgreSQL, and the post's and the analyst's program that know all of them.
@Suite("A cluster of three hubs", .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"))
struct ClusterTests {
    @Test("the hub that writes is killed, and each time the next goes on; nothing is lost or comes twice")
    func killed() async throws {
        try await withTestbed { testbed in
            let cluster = try await ProgramCluster(testbed)
            try await cluster.start()
            for _ in 0..<3 {
                _ = try await cluster.publish(10)
                let writer = try await cluster.writer()
                try await cluster.hubs[writer].kill()
                let time = try await cluster.publish(10)
                print("the next alert was stored \(time) after the hub that writes was killed")
                #expect(time < .seconds(10))
                try await cluster.startHub(writer)
            }
            try await cluster.check()
        }
    }

    @Test("the hub that writes is stopped, another takes over, and it wakes fenced")
    func stopped() async throws {
        try await withTestbed { testbed in
            let cluster = try await ProgramCluster(testbed)
            try await cluster.start()
            _ = try await cluster.publish(10)
            let writer = try await cluster.writer()
            cluster.hubs[writer].signal(SIGSTOP)
            let time = try await cluster.publish(10)
            print("the next alert was stored \(time) after the hub that writes was stopped")
            #expect(time < .seconds(20))
            cluster.hubs[writer].signal(SIGCONT)
            _ = try await cluster.hubs[writer].wait(for: "its fence") { account in
                account.talk.contains { $0.contains("this hub writes the log no more") } ? true : nil
            }
            _ = try await cluster.publish(10)
            #expect(try await cluster.writer() != writer)
            let status = try await testbed.run(.hub, ["status", "--config", cluster.settings[writer]])
            #expect(status.output.contains { $0.hasPrefix("follows hub-") }, "\(status.output)")
            try await cluster.check()
        }
    }
}

/// The files and the processes.
final class ProgramCluster {
    static let names = ["hub-a", "hub-b", "hub-c"]

    let testbed: Testbed
    private let database: TestDatabase
    /// Of each hub, its `hub.toml` and its process.
    private(set) var settings: [String] = []
    private(set) var hubs: [Running] = []
    private let post: String
    private let analyst: String
    private var tail: Running?
    private var published = 0

    init(_ testbed: Testbed) async throws {
        self.testbed = testbed
        database = try #require(PostgresServer.shared).database()
        let directory = testbed.directory
        let provinces = "provinces = \"\(try BuiltTree.config)/provinces.toml\""
        var list = ""
        for (place, name) in ProgramCluster.names.enumerated() {
            try testbed.makeKeys(name, in: directory)
            try FileManager.default.createDirectory(
                atPath: directory + "/" + name, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
            let first = testbed.firstPort + place * 20
            settings.append(
                try testbed.write(
                    """
                    key = "\(name).key"
                    registry = "registry.toml"
                    state = "\(name)"
                    \(provinces)
                    listen = { address = "\(testbed.address)", control = \(first), ingest = \(first + 1), feeds = [\(first + 2), \(first + 9)] }
                    metrics = { serve = false }
                    store = { kind = "postgres", postgres = "\(database.servers)", standby = false }
                    """, to: name + ".toml"))
            list += "[[hub]]\nhost = \"\(testbed.address)\"\ncontrol = \(first)\nkey = \"\(name).pub\"\n"
        }
        for name in ["koh-kong", "national"] {
            try testbed.makeKeys(name, in: directory)
            try FileManager.default.createDirectory(
                atPath: directory + "/" + name, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
        }
        post = try testbed.write(
            "key = \"koh-kong.key\"\nstate = \"koh-kong\"\nprovince = \"koh-kong\"\n\(provinces)\n\(list)",
            to: "post.toml")
        analyst = try testbed.write(
            "key = \"national.key\"\nstate = \"national\"\n\(provinces)\n\(list)", to: "analyst.toml")
        for arguments in [
            ["koh-kong.pub", "--publish", "koh-kong"], ["national.pub", "--read", "all"],
        ] {
            let path = directory + "/" + arguments[0]
            try await testbed.run(
                .hub, ["enroll", "--config", settings[0], path] + arguments.dropFirst()
            ).expect(0, "enroll")
        }
    }

    /// Starts the hubs, the post and a reader.
    func start() async throws {
        for place in settings.indices { try await startHub(place) }
        let daemon = try await testbed.start(.post, ["run", "--config", post])
        _ = try await daemon.wait(for: "ready") { $0.talk.contains { $0.contains("ready") } ? true : nil }
        tail = try await testbed.start(
            .analyst, ["tail", "--config", analyst, "--since", "0", "--format", "json", "--cursor", "place"])
    }

    func startHub(_ place: Int) async throws {
        let hub = try await testbed.start(.hub, ["run", "--config", settings[place]])
        _ = try await hub.wait(for: "ready") {
            $0.talk.contains { $0.contains("ready: control") } ? true : nil
        }
        if place < hubs.count { hubs[place] = hub } else { hubs.append(hub) }
    }

    /// The place of the hub that writes, among those that run.
    func writer() async throws -> Int {
        let end = ContinuousClock.now + Testbed.patience
        while ContinuousClock.now < end {
            for place in hubs.indices where hubs[place].account.ending == nil {
                let account = try await testbed.run(
                    .hub, ["status", "--config", settings[place], "--format", "json"])
                guard account.status == 0, let line = account.output.first else { continue }
                let status = try JSONDecoder().decode(HubStatus.self, from: Data(line.utf8))
                if status.cluster?.writes == true { return place }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure("no hub writes", status: .tempFail)
    }

    /// Publishes some alerts and waits until all are stored.
    /// - Returns: how long that took.
    func publish(_ count: Int) async throws -> Duration {
        let began = ContinuousClock.now
        let account = try await testbed.run(
            .post, ["publish", "--config", post, "--file", "-", "--wait", "100s", "--format", "json"],
            input: Array((Draft.many(count).joined(separator: "\n") + "\n").utf8))
        #expect(account.status == 0, "\(account.talk)")
        #expect(account.output.allSatisfy { $0.contains("\"stored\"") }, "\(account.output)")
        published += count
        return ContinuousClock.now - began
    }

    /// What the reader has printed is all that was published, each once and in order, and so is the log.
    func check() async throws {
        let lines = try await #require(tail).lines(published).map { try TailLine(line: $0) }
        #expect(lines.map(\.offset) == Array(1...published))
        #expect(lines.map(\.sequence) == Array(1...published))
        try await testbed.run(.hub, ["verify", "--config", settings[0]]).expect(0, "verify")
        #expect(try await #require(tail).stop().output.count == published)
    }
}
