import FoundationEssentials
import Glibc
import Platform
import ProcessHarness
import Settings
import Synchronization

/// What an analyst asks for, and which alerts that is, found out from the alerts alone: not with the code that routes.
struct Audience: Sendable {
    var name: String
    /// Its grant.
    var read: [String]
    var options: [String]
    var format: Printed.Format
    var wants: @Sendable (Stored) -> Bool

    static let all = [
        Audience(name: "national", read: ["all"], options: [], format: .json) { _ in true },
        Audience(
            name: "kk-desk", read: ["koh-kong"], options: ["--province", "koh-kong"], format: .csv
        ) { $0.provinces.contains("KH-9") },
        Audience(
            name: "pv-suspects", read: ["prey-veng"],
            options: ["--province", "Prey Veng", "--kind", "suspect"], format: .text
        ) { $0.provinces.contains("KH-14") && $0.kind == "suspect" },
    ]
}

/// An analyst with a cursor, who appends to a file.
final class TailProcess: Sendable {
    let audience: Audience
    let analyst: TestAnalyst
    let file: String
    private let process = Mutex<Running?>(nil)

    init(_ audience: Audience, _ analyst: TestAnalyst) {
        self.audience = audience
        self.analyst = analyst
        file = analyst.directory + "/printed"
    }

    var running: Running? { process.withLock { $0 } }

    /// The same into a pipe that nobody reads for a while, and that then ends up in the file. The pipe's reader dies with the
    /// testbed.
    func start(unreadFor seconds: Int) async throws {
        let pipe = file + ".pipe"
        try await analyst.testbed.shell("mkfifo '\(pipe)'").expect(0, "make a pipe")
        // Open for writing too, so that opening it waits for nobody.
        let script = "exec 3<>'\(pipe)'; echo open; sleep \(seconds); exec cat <&3 >>'\(file)'"
        let reader = try await analyst.testbed.start(.other("/bin/bash"), ["-c", script])
        _ = try await reader.lines(1)
        try await start(into: pipe)
    }

    /// Also again: the cursor knows where.
    func start() async throws { try await start(into: file) }

    private func start(into file: String) async throws {
        let running = try await analyst.tail(
            ["--since", "0", "--cursor", "desk", "--format", audience.format.rawValue] + audience.options,
            appendingTo: file)
        process.withLock { $0 = running }
    }

    /// SIGKILL, and a new one if asked for.
    func kill(andStart starts: Bool = true) async throws {
        try await running?.kill()
        if starts { try await start() }
    }

    /// Bytes printed so far.
    var size: Int {
        var facts = stat()
        return stat(file, &facts) == 0 ? Int(facts.st_size) : 0
    }

    func stop() async throws { try await running?.stop() }

    func printed() -> Printed {
        Printed(FileManager.default.contents(atPath: file) ?? Data(), audience.format)
    }
}
