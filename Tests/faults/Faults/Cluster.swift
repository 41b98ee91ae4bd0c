import Glibc
import Platform
import PostgresServer
import ProcessHarness
import Settings

/// Three hubs over a primary and a synchronous standby, one of which fails under load.
enum ClusterFaults {
    static let all = [
        fault("cluster-writer-killed", 10, within: .seconds(1)) { load in
            let writer = try await load.writer()
            let pause = try await load.pause { try await writer.kill() }
            try await writer.start()
            return pause
        },
        fault("cluster-writer-stopped", 4, within: .seconds(5)) { load in try await load.stopWriter() },
        fault("cluster-reader-killed", 5, within: .seconds(1)) { load in
            let hub = try await load.follower()
            let pause = try await load.pause { try await hub.kill() }
            try await hub.start()
            return pause
        },
        fault("cluster-primary-killed", 3, within: .seconds(1)) { load in
            let pause = try await load.pause {
                try load.servers.kill(load.servers.primary)
                try load.servers.promote()
            }
            try load.servers.rejoin()
            return pause
        },
        fault("cluster-primary-frozen", 1, within: .seconds(5)) { load in
            let former = load.servers.primary
            let pause = try await load.pause {
                try load.servers.freeze(former)
                try load.servers.promote()
            }
            // What it had under way when it froze, it tries to finish now, and finds nobody who confirms.
            try load.servers.wake(former)
            try await load.flows(for: .seconds(2))
            try load.servers.rejoin()
            return pause
        },
        fault("cluster-standby-killed", 1, within: nil) { load in
            try load.servers.kill(load.servers.standby)
            // Nothing is acknowledged that is on one disk only.
            try await Task.sleep(for: .milliseconds(500))
            let before = load.ledger.count
            try await Task.sleep(for: .seconds(1))
            if load.ledger.count != before { load.ledger.problem("acknowledged without a standby") }
            return try await load.pause {
                try load.servers.start(load.servers.standby)
                try load.servers.waitForStandby()
            }
        },
        fault("cluster-hub-cut-off", 2, within: .seconds(5), isProxied: true) { load in
            let writer = try await load.writer()
            let pause = try await load.pause { load.cut(writer, true) }
            load.cut(writer, false)
            try await load.isFenced(writer)
            return pause
        },
        fault("cluster-answer-lost", 20, within: .seconds(1), isProxied: true) { load in
            let before = load.lostAnswers
            return try await load.pause {
                load.loseAnswer()
                if try await !until(.seconds(10), { load.lostAnswers > before }) {
                    load.ledger.problem("no answer was there to be lost")
                }
            }
        },
        fault("cluster-revoked-while-cut", 1, within: nil, isProxied: true) { load in
            try await load.revokeWhileCut()
            return .zero
        },
    ]

    /// - within: the longest pause between two acknowledgements that is aimed at; nil: it is the fault's own.
    /// - once: one fault, all of it; gives the pause.
    private static func fault(
        _ name: String, _ times: Int, within target: Duration?, isProxied: Bool = false,
        _ once: @escaping @Sendable (ClusterLoad) async throws -> Duration
    ) -> Fault {
        Fault(name: name, isAlone: true) { trial in
            var trial = trial
            var row = Row(fault: trial.name)
            let servers: PostgresPair
            do { servers = try PostgresPair() } catch let error as Failure
                where error.exitStatus == .unavailable
            {
                row.skipped = "\(error)"
                return row
            }
            let doors = isProxied ? try (0..<ClusterLoad.hubs).map { _ in try ClusterDoor(servers) } : []
            defer { for door in doors { door.end() } }
            let stores = (0..<ClusterLoad.hubs).map { isProxied ? doors[$0].servers : servers.servers }
            var pauses: [Duration] = []
            try await Load.run(servers: servers, stores: stores) { load in
                let cluster = ClusterLoad(load, servers, doors)
                try await load.start(&trial.random, rate: trial.rate, closes: true)
                for _ in 0..<trial.times(times) {
                    try await trial.sleep(100...500)
                    pauses.append(try await once(cluster))
                    row.times += 1
                }
                try await load.settle(&row)
            }
            note(pauses, target, trial, &row)
            return row
        }
    }

    private static func note(_ pauses: [Duration], _ target: Duration?, _ trial: Trial, _ row: inout Row) {
        let sorted = pauses.map { Int64($0 / .milliseconds(1)) }.sorted()
        guard let target, let last = sorted.last else { return }
        let words = "next acknowledgement after \(sorted[sorted.count / 2]) ms, at most \(last) ms"
        row.notes.append("\(words); aimed at: \(Int64(target / .milliseconds(1))) ms")
        // A busy machine is not a broken promise; hubs that do not find each other are.
        if trial.isTimed, .milliseconds(last) > target * 4 { row.problems.append(words) }
    }
}

/// What one hub reaches the database through.
final class ClusterDoor: Sendable {
    /// In what prepares a commit.
    private static let mark = "UPDATE log SET head"

    private let proxies: [Proxy]

    init(_ servers: PostgresPair) throws {
        let network = (0..<2).map { _ in String(UInt8.random(in: 2...250)) }.joined(separator: ".")
        let port = PostgresPair.port
        proxies = try servers.addresses.enumerated().map { place, address in
            try Proxy(
                "127.\(network).\(place + 1)", to: address, ports: port...port, mark: ClusterDoor.mark)
        }
    }

    var servers: String { PostgresPair.servers(proxies.map(\.address)) }
    var lost: Int { proxies.map(\.lost).reduce(0, +) }

    func cut(_ isCut: Bool) { for proxy in proxies { proxy.set(isCut ? .halfOpen : .fair) } }
    func loseAnswer() { for proxy in proxies { proxy.loseAnswer() } }
    func end() { for proxy in proxies { proxy.end() } }
}
