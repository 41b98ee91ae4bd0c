internal import Alerts
internal import Identity
internal import LogProof
internal import Platform
internal import Settings
internal import Wire

/// Reads what an identity may read of the hub's log, and holds it against what the hub has signed: each topic's chain, and
/// who may read all topics also the log's own, recomputed record by record.
struct LogCheck {
    /// Findings after which it stops.
    static let mostFindings = 20

    /// A checkpoint that an earlier run kept.
    struct Kept {
        /// Of its cursor.
        var name: String
        var path: String
        var signed: SignedCheckpoint
    }

    private let call: ControlCall
    private let kept: [Kept]
    private let hub: KnownHub
    private let keyring: PublicKeyring
    private let log: UInt64
    private(set) var report: ReaderReport
    private var seals = SealChecker()
    private var order = PostOrder()
    private var erasures: ErasureCheck
    private var marks: [UInt32: TopicMark] = [:]
    private var hash = Chain.origin
    /// Names of topic numbers.
    private var topics: [UInt32: String] = [:]

    init(
        _ call: ControlCall, kept: [Kept], hub: KnownHub, keyring: PublicKeyring, log: UInt64,
        _ report: ReaderReport
    ) {
        self.call = call
        self.kept = kept
        self.hub = hub
        self.keyring = keyring
        self.log = log
        self.report = report
        erasures = ErasureCheck(hubs: hub.names)
    }

    /// - head: where the log ends.
    mutating func run(readsContent: Bool, head: UInt64) throws {
        for kept in kept where kept.signed.checkpoint.offset > head {
            find(
                kept.signed.checkpoint.offset,
                "the hub's log ends at offset \(head): alerts that were in the log are gone (kept in \(kept.path))"
            )
        }
        let reachable = kept.filter { $0.signed.checkpoint.offset <= head }
        guard readsContent else {
            for kept in reachable { _ = try vouch(at: kept.signed.checkpoint.offset, topics: nil) }
            return
        }
        if report.from > 1, let start = try vouch(at: report.from - 1, topics: []) {
            marks = start.marks
            hash = start.hash
        }
        let range = report.from...max(report.from, report.through)
        let stops = Set(reachable.map(\.signed.checkpoint.offset).filter { range.contains($0) })
            .union(report.through >= report.from ? [report.through] : [])
        for kept in reachable where !stops.contains(kept.signed.checkpoint.offset) {
            _ = try vouch(at: kept.signed.checkpoint.offset, topics: nil)
        }
        try read(stops: stops.sorted())
    }

    private mutating func read(stops: [UInt64]) throws {
        var progress = Progress("verifying")
        defer { progress.end() }
        var place = report.from - 1
        var rest = stops[...]
        while let last = stops.last, place < last, report.findings.count < LogCheck.mostFindings {
            let after = place
            let (page, records) = try self.page(after: after)
            for entry in page.topics { topics[entry.number] = entry.topic }
            for record in records where record.offset <= last {
                while let stop = rest.first, record.offset > stop {
                    try compare(at: stop)
                    rest.removeFirst()
                }
                take(record, after: place)
                place = max(place, record.offset)
            }
            guard page.through > after || page.head <= after else { throw ReaderFailure.unexpected }
            place = max(place, min(page.through, last))
            while let stop = rest.first, place >= stop {
                try compare(at: stop)
                rest.removeFirst()
            }
            if page.head <= place { break }
            progress.show(place - report.from + 1, of: report.through - report.from + 1)
        }
    }

    private func page(after: UInt64) throws -> (Reply.Page, [PageRecord]) {
        guard
            case .page(let page, let bytes) = try call.ask({
                .replay(Request.Replay(request: $0, after: after, topics: []))
            })
        else { throw ReaderFailure.unexpected }
        do throws(Malformed) { return (page, try PageRecord.decode(bytes)) } catch {
            throw ReaderFailure.broken(error.description)
        }
    }

    /// What concerns one record.
    private mutating func take(_ record: PageRecord, after place: UInt64) {
        report.alerts += 1
        if record.offset <= place { find(record.offset, "it comes after offset \(place)") }
        let digest = record.erased ?? Seal.digest(of: record.signed.payload)
        let body = Chain.body(
            offset: record.offset, received: record.received, header: record.signed.header, digest: digest,
            seal: record.signed.signature)
        for delivery in record.deliveries {
            let before = marks[delivery.topic]
            if delivery.sequence != (before?.sequence ?? 0) &+ 1 {
                find(
                    record.offset,
                    "topic number \(delivery.topic) gives sequence \(delivery.sequence) after \(before?.sequence ?? 0)"
                )
            }
            let chain = before?.chain ?? Chain.origin(of: topics[delivery.topic] ?? "")
            marks[delivery.topic] = TopicMark(
                sequence: delivery.sequence,
                chain: Chain.topic(after: chain, sequence: delivery.sequence, body))
        }
        hash = Chain.log(after: hash, body, record.deliveries.map { ($0.topic, $0.sequence) })
        if record.erased != nil { report.erased += 1 }
        guard let header = try? PostHeader(decoding: record.signed.header) else {
            return find(record.offset, "its header is none")
        }
        if let problem = order.take(header) { find(record.offset, problem) }
        let seal = keyring.check(
            seal: record.signed.signature, over: record.signed.header, digest: digest, by: header.post, &seals
        )
        switch seal {
        case .valid: report.sealed += 1
        case .unknown: report.withoutKey[header.post, default: 0] += 1
        case .invalid: find(record.offset, "the seal of \(header.post) does not verify with its key")
        }
        erasures.take(
            offset: record.offset, header, isErased: record.erased != nil, isSealed: seal == .valid,
            isForged: seal == .invalid)
    }

    /// Holds what was read up to an offset against what the hub has signed for it, now and in kept checkpoints.
    private mutating func compare(at offset: UInt64) throws {
        guard let signed = try vouch(at: offset, topics: []) else { return }
        if signed.marks != marks {
            find(
                offset,
                "what the hub shows up to here is not what it has signed: the chains of its topics differ")
        }
        guard offset == report.through else { return }
        if signed.isWhole, signed.hash != hash {
            find(offset, "what the hub shows up to here is not what it has signed: the log's chain differs")
        }
        for offset in erasures.findings(at: signed.time) {
            find(offset, "its content was erased before its time, and nothing in the log says why")
        }
    }

    private struct Vouched {
        var hash: [UInt8]
        var marks: [UInt32: TopicMark]
        var isWhole: Bool
        var time: Timestamp
    }

    /// - topics: nil: the checkpoint alone.
    /// - Returns: nil where it is found to be false.
    private mutating func vouch(at offset: UInt64, topics: [String]?) throws -> Vouched? {
        let reply = try call.ask {
            .checkpoint(Request.Checkpoint(request: $0, offset: offset, topics: topics))
        }
        guard case .checkpoint(let answer) = reply else { throw ReaderFailure.unexpected }
        let checkpoint = answer.checkpoint.checkpoint
        guard checkpoint.log == log, checkpoint.offset == offset else { throw ReaderFailure.unexpected }
        var isSound = true
        let own = kept.filter { $0.signed.checkpoint.offset == offset }
        do throws(CheckpointVerifier.Fork) {
            try CheckpointVerifier(hub: hub.keys.map(\.signing), kept: []).check(answer.checkpoint)
        } catch {
            find(offset, error.description)
            return nil
        }
        for kept in own {
            do throws(CheckpointVerifier.Fork) {
                try CheckpointVerifier(hub: hub.keys.map(\.signing), kept: [kept.signed]).confirm(
                    answer.checkpoint)
                report.checkpoints.append(kept.name)
            } catch {
                isSound = false
                find(offset, "\(error.description) (kept in \(kept.path))")
            }
        }
        guard isSound else { return nil }
        guard topics != nil else {
            return Vouched(hash: checkpoint.hash, marks: [:], isWhole: false, time: checkpoint.time)
        }
        do throws(CheckpointVerifier.Fork) {
            let named = try ChainProof.marks(in: answer)
            for (number, entry) in named { self.topics[number] = entry.topic }
            return Vouched(
                hash: checkpoint.hash, marks: named.mapValues(\.mark),
                isWhole: named.count == Int(answer.count ?? 0), time: checkpoint.time)
        } catch {
            find(offset, error.description)
            return nil
        }
    }

    private mutating func find(_ offset: UInt64?, _ problem: String) {
        report.findings.append(LogFinding(offset: offset, problem: problem))
    }
}
