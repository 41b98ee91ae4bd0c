import Foundation
import ProcessHarness
import Seeded
import Testing

@Suite("The testbed itself")
struct TestTests {
    @Test("when it is dropped, its processes and files are gone")
    func dropped() async throws {
        var testbed: Testbed? = try Testbed()
        let directory = try #require(testbed?.directory)
        let running = try #require(try await testbed?.start(.other("sleep"), ["1000"]))
        try testbed?.write("x", to: "file")
        testbed = nil
        #expect(running.account.ending == .killed(signal: SIGKILL))
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    /// All in one script: the demo ends by itself, and this process may be busy with other tests for longer than that.
    @Test("when its process dies of SIGKILL, its processes and files are gone too")
    func orphaned() async throws {
        try await withTestbed { testbed in
            let account = try await testbed.shell(
                """
                cd \(testbed.directory)
                $B/borderwire-demo > out 2> talk & demo=$!
                until grep -q 'the day begins' talk; do kill -0 $demo || exit 2; sleep 0.05; done
                # From a file, so that grep and the shell don't find themselves.
                sed -n '1s/.* //p' talk > name
                test -e $(cat name)/hub/state && grep -aqsf name /proc/[0-9]*/cmdline || exit 3
                kill -KILL $demo
                while [ -e $(cat name) ] || grep -aqsf name /proc/[0-9]*/cmdline; do sleep 0.05; done
                """, within: .seconds(240))
            #expect(account.status == 0, "\(account)")
        }
    }

    @Test("lines, statuses and signals of a process are what they were")
    func account() async throws {
        let testbed = try Testbed()
        let account = try await testbed.shell("echo one; echo two >&2; printf three; exit 7")
        #expect(account.output == ["one", "three"])
        #expect(account.talk == ["two"])
        #expect(account.status == 7)
        let sleeper = try await testbed.start(.other("sleep"), ["1000"])
        #expect(try await sleeper.kill().ending == .killed(signal: SIGKILL))
        let reader = try await testbed.start(.other("cat"), [], input: nil)
        reader.write(line: "hello")
        #expect(try await reader.lines(1) == ["hello"])
        reader.closeInput()
        #expect(try await reader.ended().status == 0)
    }

    @Test("waiting in vain ends with what the process said last")
    func inVain() async throws {
        let testbed = try Testbed()
        let running = try await testbed.start(.other("sh"), ["-c", "echo here >&2; exec sleep 1000"])
        _ = try await running.wait(for: "its word") { $0.talk.isEmpty ? nil : () }
        let error = await #expect(throws: TestbedError.self) {
            try await running.wait(for: "a miracle", within: .milliseconds(300)) { _ in Optional<Int>.none }
        }
        #expect(error?.description.contains("waited for a miracle") == true)
        #expect(error?.description.contains("! here") == true)
        await #expect(throws: TestbedError.self) {
            try await testbed.run(.other("/nowhere/program"), []).expect(0, "it")
        }
    }

    @Test("a seed gives the same numbers again")
    func seed() {
        var one = SeededRandom(seed: 7)
        var other = SeededRandom(seed: 7)
        #expect((0..<9).map { _ in one.next() } == (0..<9).map { _ in other.next() })
        var branch = one.split()
        var again = other.split()
        let numbers = (0..<9).map { _ in branch.next() }
        #expect(numbers == (0..<9).map { _ in again.next() })
        #expect(numbers != (0..<9).map { _ in one.next() }, "a branch has numbers of its own")
    }
}
