internal import Alerts
internal import Identity
internal import Settings
internal import Wire
internal import Witness
internal import ZeroMQ

/// What an analyst's own verification found out.
public struct ReaderReport: Sendable, Equatable {
    public struct Finding: Sendable, Equatable {
        /// nil: of the hub's log as a whole.
        public var offset: UInt64?
        public var problem: String
    }

    /// 16 hexadecimal digits.
    public var log = ""
    public var from: UInt64 = 1
    public var through: UInt64 = 0
    /// Kept checkpoints that the hub's log still continues, by the name of their cursor.
    public var checkpoints: [String] = []
    /// Those of another log, which say nothing about this one.
    public var otherLogs: [String] = []
    public var alerts: UInt64 = 0
    public var sealed: UInt64 = 0
    public var erased: UInt64 = 0
    /// Alerts of posts whose key isn't in the settings' directory, by post.
    public var withoutKey: [String: UInt64] = [:]
    public var findings: [Finding] = []
}

/// `borderwire verify`: asks the hub for what this analyst may read, and believes nothing of it.
public struct VerifyRun {
    /// Findings after which it stops.
    static let mostFindings = 20

    public var from: UInt64
    /// nil: the log's end.
    public var through: UInt64?
    /// nil: every checkpoint in the state directory.
    public var cursor: String?

    public init(from: UInt64, through: UInt64?, cursor: String?) {
        self.from = from
        self.through = through
        self.cursor = cursor
    }

    public func run(_ settings: ReaderSettings) throws -> ReaderReport {
        let keys = try KeyFiles.readSecret(settings.key.path)
        let hub = try KeyFiles.readPublic(settings.hub.key.path)
        let keyring = try settings.keyring()
        do {
            let call = ControlCall(try FeedSockets(settings.hub, keys, hub: hub))
            guard
                case .welcome(let welcome) = try call.ask({
                    .hello(Request.Hello(request: $0, program: "borderwire \(programVersion)"))
                })
            else { throw ReaderFailure.unexpected }
            var report = ReaderReport()
            report.log = welcome.log.description
            report.from = max(from, 1)
            report.through = min(through ?? welcome.offset, welcome.offset)
            try checkKept(settings, hub, welcome, call, &report)
            guard !welcome.read.isEmpty else { return report }
            try checkAlerts(keyring, call, &report)
            return report
        } catch let error as ZeroMQError {
            throw ReaderFailure(error)
        }
    }

    // MARK: Checkpoints

    private func checkKept(
        _ settings: ReaderSettings, _ hub: PublicKeys, _ welcome: Reply.Welcome, _ call: ControlCall,
        _ report: inout ReaderReport
    ) throws {
        for name in try kept(settings) {
            let path = Files.path("\(name).checkpoint", from: settings.state?.path ?? "")
            guard let kept = try CheckpointFile(path).read() else {
                throw ReaderFailure("\(path) is not there", status: .noInput)
            }
            guard kept.checkpoint.log == welcome.log.value else {
                report.otherLogs.append(name)
                continue
            }
            do {
                let witness = Witness(hub: hub.signing, kept: kept)
                let offset = try witness.question(
                    log: welcome.log.value, head: welcome.offset, latest: welcome.checkpoint)
                if let offset { try witness.confirm(try word(for: offset, call)) }
                report.checkpoints.append(name)
            } catch let fork as Witness.Fork {
                report.findings.append(
                    ReaderReport.Finding(
                        offset: kept.checkpoint.offset, problem: "\(fork.description) (kept in \(path))"))
            }
        }
    }

    private func kept(_ settings: ReaderSettings) throws -> [String] {
        if let cursor { return [cursor] }
        guard let state = settings.state, try Files.facts(of: state.path) != nil else { return [] }
        return try Files.names(in: state.path).filter { $0.hasSuffix(".checkpoint") }.map {
            String($0.dropLast(".checkpoint".count))
        }
    }

    private func word(for offset: UInt64, _ call: ControlCall) throws -> SignedCheckpoint {
        let reply = try call.ask { .checkpoint(Request.Checkpoint(request: $0, offset: offset)) }
        guard case .checkpoint(let answer) = reply else { throw ReaderFailure.unexpected }
        return answer.checkpoint
    }

    // MARK: Alerts

    private func checkAlerts(
        _ keyring: PublicKeyring, _ call: ControlCall, _ report: inout ReaderReport
    ) throws {
        guard report.from <= report.through else { return }
        var progress = Progress("verifying")
        defer { progress.end() }
        var place = report.from - 1
        var sequences: [UInt32: UInt64] = [:]
        var seals = SealChecker()
        while place < report.through, report.findings.count < VerifyRun.mostFindings {
            let after = place
            guard
                case .page(let page, let bytes) = try call.ask({
                    .replay(Request.Replay(request: $0, after: after, topics: []))
                })
            else { throw ReaderFailure.unexpected }
            let records: [PageRecord]
            do throws(Malformed) { records = try PageRecord.decode(bytes) } catch {
                throw ReaderFailure("the hub does not keep to the protocol: \(error)", status: .software)
            }
            for record in records where record.offset <= report.through {
                for problem in check(record, after: place, &sequences, keyring, &seals, &report) {
                    report.findings.append(ReaderReport.Finding(offset: record.offset, problem: problem))
                }
                place = max(place, record.offset)
                report.alerts += 1
            }
            guard page.through > after || page.head <= after else { throw ReaderFailure.unexpected }
            place = max(place, min(page.through, report.through))
            if page.head <= place { break }
            progress.show(place - report.from + 1, of: report.through - report.from + 1)
        }
    }

    private func check(
        _ record: PageRecord, after place: UInt64, _ sequences: inout [UInt32: UInt64],
        _ keyring: PublicKeyring, _ seals: inout SealChecker, _ report: inout ReaderReport
    ) -> [String] {
        var problems: [String] = []
        if record.offset <= place { problems.append("it comes after offset \(place)") }
        for delivery in record.deliveries {
            // A range that doesn't begin with the log takes each topic's first number as it comes.
            let last = sequences[delivery.topic] ?? (report.from == 1 ? 0 : delivery.sequence &- 1)
            if delivery.sequence != last &+ 1 {
                problems.append(
                    "topic number \(delivery.topic) gives sequence \(delivery.sequence) after \(last)")
            }
            sequences[delivery.topic] = delivery.sequence
        }
        guard let header = try? PostHeader(decoding: record.header) else {
            return problems + ["its header is none"]
        }
        guard !record.payload.isEmpty else {
            report.erased += 1
            return problems
        }
        switch keyring.check(
            seal: record.signature, over: signedPrefix, record.header, record.payload, by: header.post, &seals
        )
        {
        case .valid: report.sealed += 1
        case .unknown: report.withoutKey[header.post, default: 0] += 1
        case .invalid: problems.append("the seal of \(header.post) does not verify with its key")
        }
        return problems
    }
}

extension ReaderFailure {
    static let unexpected = ReaderFailure(
        "the hub does not keep to the protocol: another answer than was asked for", status: .software)
}
