import FoundationEssentials
import Platform
import PostgreSQL
import PostgresServer
import ProcessHarness
import Settings
import Synchronization

/// What posts were told. From any thread.
final class ClusterTally: Sendable {
    private static let window = Duration.milliseconds(400)

    struct Told {
        var offset: Int
        /// When its draft was handed to `publish`, by the steady clock.
        var written: Duration
    }

    private struct Inner {
        var told: [String: Told] = [:]
        var times: [Duration] = []
    }

    private let inner = Mutex(Inner())

    var told: [String: Told] { inner.withLock { $0.told } }
    var count: Int { inner.withLock { $0.told.count } }
    private var times: [Duration] { inner.withLock { $0.times } }

    private struct Line: Decodable {
        var id: String?
        var state: String
        var offset: Int?
        var sequence: Int?
    }

    /// A line of `publish --format json`.
    /// - written: when the drafts of its post were handed over, in the order of their sequences.
    func take(_ text: String, written: [Duration]) {
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)), line.state == "stored",
            let id = line.id, let offset = line.offset, let sequence = line.sequence,
            written.indices.contains(sequence - 1)
        else { return }
        let now = steadyClock()
        inner.withLock { inner in
            inner.told[id] = Told(offset: offset, written: written[sequence - 1])
            inner.times.append(now)
        }
    }

    /// The longest time without an acknowledgement from just before the fault until they flow again, in milliseconds.
    func pause(_ fault: () async throws -> Void) async throws -> Int64 {
        let start = steadyClock()
        try await fault()
        let end = start + .seconds(60)
        while true {
            let now = steadyClock()
            let isFlowing = times.suffix(5).first.map { $0 > now - ClusterTally.window } ?? false
            if isFlowing, now - start > ClusterTally.window * 2 { break }
            guard now < end else { throw Failure("nothing is acknowledged any more", status: .software) }
            try await Task.sleep(for: .milliseconds(10))
        }
        let all = [start] + times.filter { $0 > start }
        return Int64((zip(all, all.dropFirst()).map { $1 - $0 }.max() ?? .zero) / .milliseconds(1))
    }
}

/// When drafts were handed over. From any thread.
private final class WrittenTimes: Sendable {
    private let times = Mutex<[Duration]>([])

    var all: [Duration] { times.withLock { $0 } }

    func note() { times.withLock { $0.append(steadyClock()) } }
}

/// Publishes invented alerts of a post at a steady pace.
final class ClusterFeed: Sendable {
    private let publish: Running
    private let writing: Task<Void, Never>

    init(_ post: TestPost, _ tally: ClusterTally, pace: Duration) async throws {
        let times = WrittenTimes()
        let publish = try await post.publishing(["--wait", "60s", "--format", "json"]) {
            tally.take($0, written: times.all)
        }
        self.publish = publish
        let draft = """
            {"kind": "movement", "provinces": ["\(post.name)"], "headline": "Invented: a grey van", \
            "movement": {"mode": "road", "direction": "out", "people": 6}}
            """
        writing = Task.detached {
            while !Task.isCancelled {
                times.note()
                publish.write(line: draft)
                try? await Task.sleep(for: pace)
            }
        }
    }

    func stop() { writing.cancel() }

    /// - Returns: whether every alert was acknowledged.
    func finish() async throws -> Bool {
        stop()
        await writing.value
        publish.closeInput()
        let account = try await publish.ended()
        if account.status != 0 { talk("publish ended with \(account.talk.suffix(2))") }
        return account.status == 0
    }
}

/// An analyst, and what it has printed.
final class ClusterReader: Sendable {
    struct Printed {
        var offset: Int
        var id: String
        var time: Duration
    }

    let analyst: TestAnalyst
    /// What it asks for; nil: all.
    let province: String?
    private let lines = Mutex<[Printed]>([])
    private let tail = Mutex<Running?>(nil)

    init(_ analyst: TestAnalyst, province: String? = nil) {
        self.analyst = analyst
        self.province = province
    }

    var name: String { analyst.name }
    var printed: [Printed] { lines.withLock { $0 } }
    var count: Int { lines.withLock { $0.count } }
    /// When it printed last.
    var last: Duration? { lines.withLock { $0.last?.time } }

    private struct Line: Decodable {
        struct Alert: Decodable { var id: String }

        var offset: Int
        var verified: Bool
        var alert: Alert?
    }

    func start() async throws {
        let options = province.map { ["--province", $0] } ?? []
        let running = try await analyst.tail(
            ["--since", "0", "--cursor", "desk", "--format", "json"] + options
        ) { [weak self] text in
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)), line.verified,
                let id = line.alert?.id
            else { return }
            self?.lines.withLock { $0.append(Printed(offset: line.offset, id: id, time: steadyClock())) }
        }
        tail.withLock { $0 = running }
    }

    func stop() async throws {
        guard let running = tail.withLock({ $0 }), running.account.ending == nil else { return }
        try await running.stop()
    }

    /// Milliseconds from the draft to the line, of the half that came later.
    func median(_ tally: ClusterTally) -> Int64 {
        let told = tally.told
        let printed = printed
        let times = printed.suffix(printed.count / 2).compactMap { line in
            told[line.id].map { Int64((line.time - $0.written) / .milliseconds(1)) }
        }.sorted()
        return times.isEmpty ? 0 : times[times.count / 2]
    }
}

/// What became of every alert: what posts were told, beside the database and what analysts printed.
struct ClusterReport {
    private let posts: [(name: String, told: Int, stored: Int, same: Int)]
    private let readers: [(reader: ClusterReader, wanted: [Int])]

    init(_ servers: PostgresPair, _ tally: ClusterTally, _ readers: [ClusterReader]) throws {
        let connection = try servers.connect()
        defer { connection.close() }
        let rows = try connection.query(
            """
            SELECT a."offset", a.id::text, p.post FROM borderwire.alerts a
            JOIN borderwire.positions p ON p.number = a.position ORDER BY 1
            """)
        let stored = rows.map { (offset: Int($0.integer(0)), id: $0.text(1), post: $0.text(2)) }
        let told = tally.told
        let post = Dictionary(stored.map { ($0.id, $0.post) }) { first, _ in first }
        posts = Set(stored.map(\.post)).sorted().map { name in
            let own = stored.filter { $0.post == name }
            return (
                name, told.keys.count { post[$0] == name }, own.count,
                own.count { told[$0.id]?.offset == $0.offset }
            )
        }
        self.readers = readers.map { reader in
            (reader, stored.filter { reader.province == nil || $0.post == reader.province }.map(\.offset))
        }
        lost = told.keys.count { post[$0] == nil }
    }

    /// Acknowledged, and not in the log.
    private let lost: Int

    var isPrinted: Bool { readers.allSatisfy { $0.reader.count >= $0.wanted.count } }

    var isGood: Bool {
        lost == 0 && posts.allSatisfy { $0.told == $0.stored && $0.same == $0.stored && $0.stored > 0 }
            && readers.allSatisfy { $0.reader.printed.map(\.offset) == $0.wanted }
    }

    func table() -> [String] {
        let heads = ["analyst", "should print", "printed", "lost", "duplicated", "out of order"]
        return [""]
            + borderwire_demo.table(
                ["post", "acknowledged", "stored", "at the offset told", "acknowledged and lost"],
                posts.map { [$0.name, "\($0.told)", "\($0.stored)", "\($0.same)", "\($0.told - $0.same)"] })
            + [""]
            + borderwire_demo.table(
                heads,
                readers.map { reader, wanted in
                    let offsets = reader.printed.map(\.offset)
                    let seen = Set(offsets)
                    return [
                        reader.name, "\(wanted.count)", "\(offsets.count)",
                        "\(wanted.count { !seen.contains($0) })", "\(offsets.count - seen.count)",
                        "\(zip(offsets, offsets.dropFirst()).count { $0 > $1 })",
                    ]
                }) + [""]
    }
}
