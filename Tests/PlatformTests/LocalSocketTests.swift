import Foundation
import Platform
import Testing

@Suite("Local sockets")
struct LocalSocketTests {
    private let path = "/tmp/local-\(UUID().uuidString.prefix(8))"

    @Test("messages stay apart, each side learns who the other is, and an end is an end")
    func messages() throws {
        let listener = try LocalListener(path, mode: 0o600)
        #expect(try Files.facts(of: path)?.mode == 0o600)
        #expect(listener.accept() == nil)
        let caller = try LocalConnection(to: path)
        let called = try #require(listener.accept())
        #expect(caller.peerUser == geteuid())
        #expect(called.peerUser == geteuid())
        #expect(caller.send([1]))
        #expect(caller.send([2, 3]))
        #expect(called.receive(limit: 10) == .message([1]))
        #expect(called.receive(limit: 10) == .message([2, 3]))
        #expect(called.receive(limit: 10) == .none)
        let large = [UInt8](repeating: 7, count: 100_000)
        #expect(caller.send(large))
        #expect(called.receive(limit: 99_999) == .tooLong)
        #expect(caller.send(large))
        #expect(called.receive(limit: 100_000) == .message(large))
    }

    @Test("one that does not read is not waited for, and one that has gone takes nothing")
    func slow() throws {
        let listener = try LocalListener(path, mode: 0o600)
        var called: LocalConnection? = try LocalConnection(to: path)
        let caller = try #require(listener.accept())
        let message = [UInt8](repeating: 7, count: 50_000)
        var taken = 0
        while taken < 1_000, caller.send(message) { taken += 1 }
        #expect(taken < 1_000)
        #expect(called?.receive(limit: 100_000) == .message(message))
        called = nil
        #expect(!caller.send(message, atMost: .seconds(1)))
    }

    @Test("a new listener takes the place of what is left there, and its name goes with it")
    func again() throws {
        try Data().write(to: URL(fileURLWithPath: path))
        var listener: LocalListener? = try LocalListener(path, mode: 0o660)
        #expect(try Files.facts(of: path)?.mode == 0o660)
        _ = try LocalConnection(to: path)
        #expect(listener != nil)
        listener = nil
        #expect(try Files.facts(of: path) == nil)
        #expect(throws: PlatformError.self) { _ = try LocalConnection(to: path) }
        #expect(throws: PlatformError.self) {
            _ = try LocalListener("/tmp/" + String(repeating: "x", count: 108), mode: 0o600)
        }
    }
}
