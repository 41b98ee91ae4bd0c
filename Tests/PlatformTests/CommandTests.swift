import Foundation
import Testing

@testable import Platform

@Suite("Another program, run and waited for")
struct CommandTests {
    @Test("its arguments arrive as they are, and its exit status comes back")
    func status() throws {
        #expect(
            try Command.run("/bin/sh", ["-c", "test \"$1\" = 'a b;c'", "sh", "a b;c"], atMost: .seconds(60))
                == 0)
        #expect(try Command.run("/bin/sh", ["-c", "exit 75"], atMost: .seconds(60)) == 75)
        #expect(try Command.run("/bin/sh", ["-c", "kill -TERM $$"], atMost: .seconds(60)) == 128 + 15)
    }

    @Test("one that takes too long is ended, with what it has started")
    func tooLong() throws {
        let start = ContinuousClock.now
        let file = NSTemporaryDirectory() + "command-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let status = try Command.run(
            "/bin/sh", ["-c", "sleep 600 & echo $! > \(file); wait"], atMost: .seconds(5))
        #expect(status == 128 + 9)
        let child = try #require(Int32(try String(contentsOfFile: file, encoding: .utf8).dropLast()))
        // Ended, and perhaps not yet taken note of by whoever inherited it.
        func isAlive() -> Bool {
            let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            return state.map { !$0.contains(") Z ") && !$0.contains(") X ") } ?? false
        }
        while isAlive(), ContinuousClock.now - start < .seconds(120) { usleep(1_000) }
        #expect(!isAlive())
    }

    @Test("one that is not there is an error that names it")
    func missing() {
        let error = #expect(throws: FileError.self) {
            try Command.run("/nowhere/page-duty", [], atMost: .seconds(1))
        }
        #expect(error?.path == "/nowhere/page-duty")
    }
}
