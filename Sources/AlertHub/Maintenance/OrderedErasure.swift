internal import Alerts
internal import AlertStore
internal import Wire

/// What a record of the log asks to be erased before its time: a notice of erasure, which nothing but the hub itself can have put
/// there, or a Cancel by which an author says that whoever its alerts sought is safe.
///
/// Who ordered or stored it does this at once; where it was killed before that, the hub's purge does, which looks at each record
/// once. Done twice it changes nothing.
enum OrderedErasure {
    /// - Returns: how many contents were there and are erased now.
    static func carryOut(_ record: Record, _ log: any AlertEraser) throws(StoreError) -> Int {
        guard let facts = try? PostHeader(decoding: record.signed.header).facts else { return 0 }
        if facts.notice == .erasure { return try erase(named(by: record, facts, log) { _ in true }, log) }
        guard facts.isSafe else { return 0 }
        let versions = try named(by: record, facts, log) { $0.post == record.post }
        return try erase(versions + answers(to: versions, record, log), log)
    }

    /// Each of these in a log, in its order.
    static func carryOutAll(_ log: any AlertEraser) throws(StoreError) {
        var place: UInt64 = 0
        while true {
            let (records, through) = try log.unjudged(after: place, limit: page)
            guard through > place else { return }
            for record in records where !record.references.isEmpty { _ = try carryOut(record, log) }
            place = through
        }
    }

    /// Records read at once.
    private static let page = 1_000

    private static func named(
        by record: Record, _ facts: AlertFacts, _ log: any AlertEraser, _ isMeant: (Record) -> Bool
    ) throws(StoreError) -> [Record] {
        var named: [Record] = []
        for target in facts.references {
            for offset in try log.offsets(of: target) where offset < record.offset {
                guard let target = try log.record(at: offset), isMeant(target) else { continue }
                named.append(target)
            }
        }
        return named
    }

    /// Sightings of what the Cancel names, their updates and acknowledgements, as far as everybody who may read them may read the
    /// Cancel too: nobody shall find a content gone without what explains it. A notice stays as it is.
    private static func answers(
        to versions: [Record], _ cancel: Record, _ log: any AlertEraser
    ) throws(StoreError) -> [Record] {
        let topics = Set(cancel.deliveries.map(\.topic))
        var answers: [Record] = []
        for version in versions {
            let members = try log.referring(to: version.alert, limit: StoreLimits.threadMembers)
            for member in members where member.offset < cancel.offset && topics.isSuperset(of: member.topics)
            {
                guard let answer = try log.record(at: member.offset),
                    let facts = try? PostHeader(decoding: answer.signed.header).facts, facts.notice == nil
                else { continue }
                answers.append(answer)
            }
        }
        return answers
    }

    private static func erase(_ records: [Record], _ log: any AlertEraser) throws(StoreError) -> Int {
        var erased: [(entry: RetentionEntry, digest: [UInt8])] = []
        var seen: Set<UInt64> = []
        for record in records where record.erased == nil && seen.insert(record.offset).inserted {
            erased.append((Purge.entry(record), record.payloadDigest))
        }
        var rest = erased[...]
        while !rest.isEmpty {
            try log.erase(Array(rest.prefix(Purge.erasedAtOnce)))
            rest = rest.dropFirst(Purge.erasedAtOnce)
        }
        return erased.count
    }
}
