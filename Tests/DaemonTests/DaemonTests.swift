import AlertHub
import AlertPost
import Foundation
import Platform
import Synchronization
import Testing

@Suite("Daemons as objects")
struct DaemonTests {
    @Test("a hub and a post of this process carry alerts, stop, start again and go on where they were")
    func again() throws {
        let pair = try Pair()
        for round in UInt64(1)...3 {
            try pair.start()
            try pair.publish(20)
            #expect(try pair.stored(round * 20) == round * 20)
            try pair.stop()
            #expect(pair.hub.address == nil)
        }
    }

    @Test("a second pair beside it has ports, files and alerts of its own")
    func sideBySide() throws {
        let pairs = try [Pair(), Pair()]
        for pair in pairs { try pair.start() }
        let addresses = pairs.compactMap(\.hub.address)
        #expect(Set(addresses.flatMap { [$0.control, $0.ingest, $0.metrics] }).count == 6)
        #expect(addresses.allSatisfy { $0.control > 0 && $0.ingest > 0 && $0.metrics ?? 0 > 0 })
        for (index, pair) in pairs.enumerated() { try pair.publish(10 * (index + 1)) }
        for (index, pair) in pairs.enumerated() {
            #expect(try pair.stored(UInt64(10 * (index + 1))) == UInt64(10 * (index + 1)))
        }
        try pairs[0].stop()
        // The end of one takes nothing from the other.
        try pairs[1].publish(5)
        #expect(try pairs[1].stored(25) == 25)
        try pairs[1].stop()
    }

    @Test("pairs on threads of their own start and stop beside one another")
    func parallel() throws {
        let failures = Mutex<[String]>([])
        let threads = try (0..<2).map { _ in
            try NamedThread("pair") {
                do {
                    let pair = try Pair()
                    for round in UInt64(1)...2 {
                        try pair.start()
                        try pair.publish(5)
                        let stored = try pair.stored(round * 5)
                        if stored != round * 5 { failures.withLock { $0.append("\(stored) stored") } }
                        try pair.stop()
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        for thread in threads { thread.join() }
        #expect(failures.withLock(\.self) == [])
    }

    @Test("a post is stopped and started while its hub runs")
    func postAlone() throws {
        let pair = try Pair()
        try pair.start()
        let post = try #require(pair.post)
        try pair.publish(3)
        #expect(try pair.stored(3) == 3)
        #expect(post.address?.hasSuffix("/post.ipc") == true)
        try post.stop()
        #expect(post.address == nil)
        // What is queued meanwhile waits for it.
        try pair.publish(3)
        try post.start()
        #expect(try pair.stored(6) == 6)
        try pair.stop()
    }

    @Test("a hub that can't start says why, and can be started once it can")
    func failing() throws {
        let pair = try Pair()
        let registry = pair.directory + "/registry.toml"
        let aside = registry + ".aside"
        try FileManager.default.moveItem(atPath: registry, toPath: aside)
        try Data("neither".utf8).write(to: URL(fileURLWithPath: registry))
        #expect(throws: (any Error).self) { try pair.hub.start() }
        #expect(pair.hub.address == nil)
        try pair.hub.stop()
        try FileManager.default.removeItem(atPath: registry)
        try FileManager.default.moveItem(atPath: aside, toPath: registry)
        try pair.start()
        try pair.publish(1)
        #expect(try pair.stored(1) == 1)
        // Started twice is started once, stopped twice stopped once.
        try pair.hub.start()
        try pair.stop()
        try pair.stop()
    }

    @Test("a second hub on the same state directory is refused, and the first goes on")
    func taken() throws {
        let pair = try Pair()
        try pair.start()
        let other = try Hub(pair.settings)
        #expect(throws: (any Error).self) { try other.start() }
        try pair.publish(2)
        #expect(try pair.stored(2) == 2)
        try pair.stop()
    }

    @Test("a daemon that nobody holds any more stops")
    func dropped() throws {
        let pair = try Pair()
        var hub: Hub? = try Hub(pair.settings)
        try hub?.start()
        let port = try #require(hub?.address?.control)
        hub = nil
        #expect(throws: Never.self) { _ = try ListeningPort(address: "127.0.0.1", port: port) }
    }
}
