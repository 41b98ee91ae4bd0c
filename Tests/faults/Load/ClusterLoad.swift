import FoundationEssentials
import Glibc
import Platform
import PostgresServer
import ProcessHarness
import Settings
import Wire

/// A load on hubs that share a log, and what can be asked of them.
struct ClusterLoad: Sendable {
    static let hubs = 3
    /// For what should take seconds.
    private static let patience = Duration.seconds(60)
    /// Acknowledgements flow when so many came within ``window``.
    private static let fewest = 5
    private static let window = Duration.milliseconds(400)

    let load: Load
    let servers: PostgresPair
    private let doors: [ClusterDoor]

    init(_ load: Load, _ servers: PostgresPair, _ doors: [ClusterDoor]) {
        (self.load, self.servers, self.doors) = (load, servers, doors)
    }

    var ledger: Ledger { load.ledger }

    // MARK: Who is what

    /// The hub that has the lease.
    func writer() async throws -> TestHub {
        let hubs = load.hubs
        var writer: TestHub?
        _ = try await until(ClusterLoad.patience) {
            let holder = try? servers.log().holder
            writer = hubs.first { $0.name == holder && $0.process?.account.ending == nil }
            return writer != nil
        }
        guard let writer else { throw Failure("no hub has the lease", status: .software) }
        return writer
    }

    func follower() async throws -> TestHub {
        let writer = try await writer()
        guard let hub = load.hubs.filter({ $0 !== writer }).randomElement() else { return writer }
        return hub
    }

    // MARK: What is done to them

    func cut(_ hub: TestHub, _ isCut: Bool) {
        for (other, door) in zip(load.hubs, doors) where other === hub { door.cut(isCut) }
    }

    func loseAnswer() { for door in doors { door.loseAnswer() } }
    var lostAnswers: Int { doors.map(\.lost).reduce(0, +) }

    /// The one that writes is stopped, another takes over, and it wakes.
    func stopWriter() async throws -> Duration {
        let writer = try await writer()
        let pause = try await pause { writer.process?.signal(SIGSTOP) }
        let isLeft = try await until(ClusterLoad.patience) { try servers.log().holder != writer.name }
        if !isLeft { ledger.problem("nobody took the lease of \(writer.name), which is stopped") }
        writer.process?.signal(SIGCONT)
        try await isFenced(writer)
        return pause
    }

    /// Waits until a hub that had the lease knows that it has it no more.
    func isFenced(_ hub: TestHub) async throws {
        let isSo = try await until(ClusterLoad.patience) {
            guard let cluster = try? await hub.status().cluster else { return false }
            return cluster.hearsStore && !cluster.writes
        }
        if !isSo { ledger.problem("\(hub.name) still writes, or hears nothing of its store") }
    }

    /// A reader is revoked at one hub while its own is cut off from the database, and gets nothing more of what comes then.
    func revokeWhileCut() async throws {
        let hub = try await follower()
        let spy = try await load.testbed.analyst("spy", hub, read: ["all"])
        let reading = try await spy.tail(["--since", "0", "--format", "json"])
        _ = try await reading.lines(1)
        cut(hub, true)
        guard let other = load.hubs.first(where: { $0 !== hub }) else { return }
        let account = try await other.run("revoke", ["spy"])
        if account.status != 0 { ledger.problem("revoke: \(account.talk.suffix(2))") }
        try await Task.sleep(for: .seconds(1))
        let head = try servers.log().head
        try await Task.sleep(for: .seconds(2))
        cut(hub, false)
        try await Task.sleep(for: .seconds(2))
        let printed = Printed(Data((reading.account.output.joined(separator: "\n") + "\n").utf8), .json)
        if let last = printed.offsets.max(), last > head {
            ledger.problem(
                "the revoked reader of a hub that was cut off has \(last), a second later than \(head)")
        }
        try await reading.kill()
    }

    // MARK: How long it took

    /// The longest time without an acknowledgement, from just before the fault until they flow again.
    func pause(_ fault: () async throws -> Void) async throws -> Duration {
        let start = steadyClock()
        try await fault()
        _ = try await until(ClusterLoad.patience) {
            let now = steadyClock()
            return now - start > ClusterLoad.window * 2
                && ledger.account.times.suffix(ClusterLoad.fewest + 1).first.map {
                    $0 > now - ClusterLoad.window
                } ?? false
        }
        let times = [start] + ledger.account.times.filter { $0 > start } + [steadyClock()]
        return zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .zero
    }

    /// Goes on for a time, in which acknowledgements must come.
    func flows(for time: Duration) async throws {
        let before = ledger.count
        try await Task.sleep(for: time)
        if ledger.count == before { ledger.problem("nothing was acknowledged for \(time)") }
    }
}
