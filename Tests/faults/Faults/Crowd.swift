import Glibc
import Platform
import ProcessHarness
import Synchronization
import Wire
import ZeroMQ

/// Two hundred analysts at once, fifty of which do not read: the hub's memory stays where it is said to.
enum Crowd {
    static let fault = Fault(name: "crowd", isAlone: true, run: run)

    private static let readers = 150
    private static let stalled = 50
    /// Of the hub's own memory (PSS), in KiB: 128 MiB. A queue of the feed holds 2,000 messages, which its readers share.
    private static let mostMemory = 131_072
    /// Alerts a second from each post.
    private static let rate = 300

    private static func run(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        var former = ""
        try await Load.run(
            hubExtra: "[limits]\nconnections = \(readers + stalled + 10)",
            prepare: { testbed, _, _ in former = try await shrinkBuffers(testbed) }
        ) { load in
            let crowd = try await load.testbed.analyst("crowd", load.hub, read: ["all"])
            try await load.start(&trial.random, rate: rate)
            let before = pss(load.hub.process?.number)
            let feeds = try await load.hub.status().feeds
            let port = feeds.first { $0.identities.contains(crowd.name) }?.port ?? 0
            let keys = try Hostile(load.hub).security(of: crowd.name, in: crowd.directory)
            let audience = try Listeners(load.hub, port, keys, readers: readers, stalled: stalled)
            defer { audience.end() }
            let isThere = try await until(.seconds(20)) { audience.heard.count { $0 > 0 } == readers }
            if !isThere {
                row.problems.append("only \(audience.heard.count { $0 > 0 }) of \(readers) hear anything")
            }
            var memory = 0
            let end = steadyClock() + .seconds(max(4, 12 * min(trial.scale, 1)))
            while steadyClock() < end {
                try await Task.sleep(for: .milliseconds(200))
                memory = max(memory, pss(load.hub.process?.number))
            }
            row.times = 1
            let heard = audience.heard
            row.notes.append(
                "\(readers + stalled) analysts, \(stalled) stalled: the hub's memory is \(memory / 1_024) MiB at the most, of "
                    + "\(mostMemory / 1_024) (\(before / 1_024) before); \(heard.reduce(0, +)) messages heard, by each "
                    + "\(heard.min() ?? 0) to \(heard.max() ?? 0)")
            if memory > mostMemory {
                row.problems.append("the hub's memory is above \(mostMemory / 1_024) MiB")
            }
            try await load.settle(&row)
            try await load.testbed.shell(former).expect(0, "put socket buffers back")
        }
        return row
    }
}

extension Crowd {
    /// Small socket buffers (tcp(7)), for the connections made from now on in our own network namespace: the kernel's usual
    /// ones hold megabytes for a reader that is stalled, and the hub's queues would stay empty.
    /// - Returns: a script that puts them back.
    private static func shrinkBuffers(_ testbed: Testbed) async throws -> String {
        guard Privacy.isEntered else { return "" }
        let script = """
            cd /proc/sys/net/ipv4
            for name in tcp_rmem tcp_wmem; do
                echo "echo '$(cat $name)' >/proc/sys/net/ipv4/$name"
                echo '4096 16384 65536' >$name
            done
            """
        let account = try await testbed.shell(script)
        try account.expect(0, "shrink socket buffers")
        return account.output.joined(separator: "\n")
    }
}

/// Readers of one feed on a thread of their own: some take what comes, and some connect and never read.
private final class Listeners: Sendable {
    private let counts: Mutex<[Int]>
    private let isOver = Atomic(false)
    private let thread = Mutex<NamedThread?>(nil)

    init(_ hub: TestHub, _ port: Int, _ security: Security, readers: Int, stalled: Int) throws {
        counts = Mutex(Array(repeating: 0, count: readers))
        try thread.withLock { thread in
            thread = try NamedThread("crowd") { [self] in
                do { try listen(hub, port, security, readers, stalled) } catch { talk("crowd: \(error)") }
            }
        }
    }

    /// Messages that each of those who read has heard.
    var heard: [Int] { counts.withLock { $0 } }

    func end() {
        isOver.store(true, ordering: .relaxed)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private final class Listener {
        let socket: Socket

        init(_ client: Hostile, _ port: Int, _ security: Security) throws {
            socket = try Socket(client.context, .subscribe, client.options(security))
            try socket.subscribe("")
            try socket.connect(client.endpoint(port))
        }
    }

    private func listen(
        _ hub: TestHub, _ port: Int, _ security: Security, _ readers: Int, _ stalled: Int
    ) throws {
        let client = try Hostile(hub)
        let all = try (0..<readers + stalled).map { _ in try Listener(client, port, security) }
        let receiver = Receiver(mostFrames: 8)
        while !isOver.load(ordering: .relaxed) {
            for (index, listener) in all.prefix(readers).enumerated() {
                var count = 0
                while try receiver.receive(from: listener.socket) != nil { count += 1 }
                if count > 0 { counts.withLock { $0[index] += count } }
            }
            sleep(.milliseconds(5))
        }
    }
}
