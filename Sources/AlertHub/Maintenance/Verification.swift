internal import Alerts
internal import AlertStore
internal import Identity
public import LogProof
internal import Wire

/// What a verification found out.
public struct VerificationReport: Sendable, Equatable {
    /// 16 hexadecimal digits.
    public var log = ""
    /// The range that was looked at; empty for an empty log.
    public var from: UInt64 = 1
    public var through: UInt64 = 0
    public var alerts: UInt64 = 0
    /// Alerts whose seal verifies.
    public var sealed: UInt64 = 0
    /// Alerts of posts whose key isn't at hand, by post.
    public var withoutKey: [String: UInt64] = [:]
    /// Alerts whose content was erased: place, header and seal are checked all the same.
    public var erased: UInt64 = 0
    /// Empty for a sound log. At most one offset is named: what comes after it can't be judged.
    public var findings: [LogFinding] = []
}

/// Checks a log against itself, record by record from the first to the last, and stops at the first offset that is not
/// what it should be. Reads only.
struct Verification {
    /// Records read at once.
    static let page = 1_000
    /// Lines of the store's check of its own structure.
    static let mostProblems = 10

    private let log: any LogInspector
    private let keyring: PublicKeyring
    private let outline: LogOutline
    private let consistency: any ConsistencyCheck
    private var seals = SealChecker()
    private var walk: ChainVerifier
    private var erasures: ErasureCheck?
    private let now: Timestamp
    private(set) var report = VerificationReport()

    /// - hubs: the names of those that share the log, and sign notices; nil: no erasure is found to be too early. now: an alert that ends later than this may not be erased without one.
    /// - from: the first offset to look at; its record before it is taken as the chain's beginning. through: nil is the end.
    init(
        _ log: any LogInspector, _ keyring: PublicKeyring, hubs: [String]?, now: Timestamp, from: UInt64 = 1,
        through: UInt64? = nil
    ) throws(StoreError) {
        self.log = log
        self.keyring = keyring
        outline = try log.outline()
        report.log = HexNumber(outline.log).description
        report.from = max(from, 1)
        report.through = min(through ?? outline.head, outline.head)
        walk = ChainVerifier(outline, after: report.from - 1)
        consistency = try log.consistency(
            from: report.from, through: report.through, head: outline.head)
        erasures = hubs.map { ErasureCheck(hubs: $0) }
        self.now = now
    }

    private var isWhole: Bool { report.from == 1 && report.through == outline.head }

    var structureCheck: String { consistency.title }

    /// The store's check of its own structure. For a large log it takes seconds per GiB, and says nothing meanwhile.
    mutating func checkStructure() throws(StoreError) {
        note(try consistency.structure(limit: Verification.mostProblems))
    }

    private mutating func note(_ problems: [String]) {
        report.findings += problems.map { .init(offset: nil, problem: $0) }
    }

    /// - progress: called after each page with the number of alerts checked and to be checked.
    mutating func checkRecords(progress: (UInt64, UInt64) -> Void) throws(StoreError) {
        guard report.from <= report.through else { return }
        if report.from > 1 {
            guard
                let before = try log.rows(after: report.from - 2, through: report.from - 1, limit: 1).records
                    .first
            else { return fail(report.from - 1, "it is missing, and the chain from it on can't be checked") }
            walk.hash = before.hash
            walk.received = before.received
        }
        let total = report.through - report.from + 1
        while walk.offset < report.through {
            let rows = try log.rows(after: walk.offset, through: report.through, limit: Verification.page)
            for record in rows.records {
                var problems = walk.take(record)
                if problems.isEmpty { problems = try check(record) }
                guard problems.isEmpty else {
                    // Where a row is missing, its offset is the bad one, not the next row's.
                    return fail(walk.missing ?? record.offset, problems.joined(separator: "; "))
                }
            }
            if let broken = rows.broken { return fail(broken.offset, broken.problem) }
            guard !rows.records.isEmpty else { return fail(walk.offset + 1, "it is missing") }
            progress(report.alerts, total)
        }
        try checkEnd()
    }

    private mutating func fail(_ offset: UInt64, _ problem: String) {
        report.findings.append(.init(offset: offset, problem: problem))
    }

    /// What concerns one record alone.
    private mutating func check(_ record: Record) throws(StoreError) -> [String] {
        report.alerts += 1
        var problems: [String] = []
        let header = try? PostHeader(decoding: record.signed.header)
        if let header {
            if header.post != record.post || header.epoch != record.epoch
                || header.sequence != record.sequence
            {
                problems.append("its columns do not name the post, epoch and sequence of its header")
            }
        } else {
            problems.append("its header is none")
        }
        if record.erased != nil {
            report.erased += 1
            if !record.signed.payload.isEmpty { problems.append("it is marked as erased and has a payload") }
        }
        let seal = keyring.check(
            seal: record.signed.signature, over: record.signed.header, digest: record.payloadDigest,
            by: record.post, &seals
        )
        switch seal {
        case .valid: report.sealed += 1
        case .unknown: report.withoutKey[record.post, default: 0] += 1
        case .invalid: problems.append("the seal of \(record.post) does not verify with its key")
        }
        if let header {
            if header.facts.id != record.alert || header.facts.references != record.references {
                problems.append("its columns do not name the ids of its header")
            }
            erasures?.take(
                offset: record.offset, header, isErased: record.erased != nil, isSealed: seal == .valid,
                isForged: seal == .invalid)
        }
        return problems + (try consistency.problems(of: record))
    }

    /// What only shows once all records were seen.
    private mutating func checkEnd() throws(StoreError) {
        for offset in erasures?.findings(at: now) ?? [] {
            fail(offset, "its content was erased before its time, and nothing in the log says why")
        }
        note(try consistency.problems())
        guard isWhole else { return }
        try checkSequences()
    }

    /// A sequence that a post used and that is not in the log was refused. The newest refusals are kept, older ones only
    /// counted.
    private mutating func checkSequences() throws(StoreError) {
        var forgotten = outline.refused - min(outline.refused, outline.refusalsKept)
        for gap in walk.gaps(outline.positions) {
            let kept = try refusals(of: gap)
            let unexplained = UInt64(gap.sequences.count) - min(kept, UInt64(gap.sequences.count))
            guard unexplained > forgotten else {
                forgotten -= unexplained
                continue
            }
            let words =
                "\(unexplained) of the sequences \(gap.sequences.lowerBound) to \(gap.sequences.upperBound) of "
                + "\(gap.post) in epoch \(HexNumber(gap.epoch)) are neither stored nor refused"
            report.findings.append(.init(offset: gap.before, problem: words))
            return
        }
    }

    private func refusals(of gap: ChainVerifier.Gap) throws(StoreError) -> UInt64 {
        var kept: UInt64 = 0
        for outcome in try log.outcomes(post: gap.post, epoch: gap.epoch, sequences: gap.sequences) {
            if case .refused = outcome { kept += 1 }
        }
        return kept
    }
}
