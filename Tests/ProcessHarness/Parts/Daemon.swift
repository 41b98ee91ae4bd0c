internal import Synchronization

/// A daemon of the testbed: started, stopped and killed as often as it takes.
final class Daemon: Sendable {
    private let testbed: Testbed
    private let program: Program
    private let arguments: [String]
    private let process = Mutex<Running?>(nil)
    /// What the program is started by, with its own words after these; empty: by nothing.
    let starter = Mutex<[String]>([])

    init(_ testbed: Testbed, _ program: Program, _ arguments: [String]) {
        self.testbed = testbed
        self.program = program
        self.arguments = arguments
    }

    var running: Running? { process.withLock { $0 } }

    /// Starts it and waits until it says that it is ready. Also when it can't be: the error has its words.
    func start(_ environment: [String: String?]) async throws(TestbedError) {
        let words = starter.withLock { $0 }
        let running =
            if let first = words.first {
                try await testbed.start(
                    .other(first), words.dropFirst() + [try BuiltTree.path(of: program)] + arguments,
                    environment: environment)
            } else {
                try await testbed.start(program, arguments, environment: environment)
            }
        process.withLock { $0 = running }
        try await running.wait(for: "ready") { account in
            account.talk.contains { $0.contains(": ready") } ? () : nil
        }
    }

    func end(_ how: (Running) async throws(TestbedError) -> Account) async throws(TestbedError) -> Account {
        guard let running else { throw TestbedError("\(program.name) was not started") }
        return try await how(running)
    }
}
