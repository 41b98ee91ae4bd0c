import Alerts
import AlertStore
import MemoryStore
import Testing
import Wire

@testable import AlertFeed
@testable import AlertHub
@testable import AlertPost

/// What has to be so once a day is over.
extension Day {
    /// How what there is differs from what was promised.
    func shortfalls() -> [String] {
        var found: [String] = []
        let records = storedRecords()
        var rows: [UInt64: [UInt64]] = [:]
        for record in records { rows[number(of: record), default: []].append(record.offset) }
        for post in posts {
            if !post.isSettled { found.append(post.account) }
            for (number, answer) in post.answers {
                switch answer {
                case .stored(_, let offset):
                    if rows[number]?.contains(offset) != true {
                        found.append("alert \(number) is not at offset \(offset), as its post was told")
                    }
                case .rejected(_, let code, let reason):
                    if drafts[number]?.isBad != true {
                        found.append("alert \(number) is refused (\(code)): \(reason)")
                    }
                }
            }
        }
        for number in stride(from: UInt64(1), through: UInt64(published), by: 1) {
            let count = rows[number]?.count ?? 0
            if count != (drafts[number]?.isBad == true ? 0 : 1) {
                found.append("alert \(number) has \(count) rows")
            }
        }
        checkHubs(records, &found)
        checkRouting(records, &found)
        checkProgress(records, &found)
        checkErasure(records, &found)
        if let lateReader { compare(lateReader, records, &found) }
        for reader in readers {
            compare(reader, records, &found)
            checkReceipts(of: reader, &found)
        }
        return Array(found.prefix(10))
    }

    private func compare(_ reader: ReaderNode, _ records: [Record], _ found: inout [String]) {
        guard let start = reader.start else { return found.append("\(reader.account), never welcomed") }
        let names = topicNames
        let due = records.filter { record in
            record.offset > start
                && record.deliveries.contains { delivery in
                    names[delivery.topic].map {
                        reader.actor.read.allows($0) && reader.selection.contains($0)
                    } ?? false
                }
        }
        guard due.map(\.offset) == reader.given.map(\.offset) else {
            let missing = Set(due.map(\.offset)).subtracting(reader.given.map(\.offset)).sorted().prefix(5)
            return found.append("\(reader.account) of \(due.count), without \(Array(missing))")
        }
        for (record, alert) in zip(due, reader.given) {
            let number = number(of: record)
            let written = drafts[number]?.payload(number, sender: authors[number] ?? "")
            // Before it was erased, or after.
            let isContent =
                alert.signed.payload == written && (record.erased == nil || reader !== lateReader)
                || record.erased != nil && alert.signed.payload.isEmpty && alert.digest == record.erased
            if !isContent || record.signed.header != alert.signed.header
                || record.signed.signature != alert.signed.signature
            {
                found.append("\(reader.actor.name) got other bytes at offset \(record.offset)")
            }
        }
    }

    /// Erased is what a stored Cancel says is safe, with what answers it as far as whoever may read the answer may read the Cancel;
    /// and nothing else.
    private func checkErasure(_ records: [Record], _ found: inout [String]) {
        var wanted: Set<UInt64> = []
        var past: [Record] = []
        for record in records {
            defer { past.append(record) }
            guard let draft = drafts[number(of: record)], draft.what == .safe else { continue }
            let topics = Set(record.deliveries.map(\.topic))
            for earlier in past {
                let number = number(of: earlier)
                let isVersion = draft.versions.contains(number) && earlier.post == record.post
                let about = (drafts[number]?.versions ?? []) + [drafts[number]?.subject].compactMap(\.self)
                let isAnswer =
                    about.contains { draft.versions.contains($0) }
                    && topics.isSuperset(of: earlier.deliveries.map(\.topic))
                if isVersion || isAnswer { wanted.insert(earlier.offset) }
            }
        }
        let erased = Set(records.filter { $0.erased != nil }.map(\.offset))
        if erased != wanted {
            let (kept, gone) = (wanted.subtracting(erased).sorted(), erased.subtracting(wanted).sorted())
            found.append(
                "\(kept.prefix(5)) are not erased, \(gone.prefix(5)) are without a word of their author")
        }
    }

    /// Each record is where PROTOCOL.md's "Routing" delivers it, by what the log had before it.
    private func checkRouting(_ records: [Record], _ found: inout [String]) {
        let names = topicNames
        var delivered: [UInt64: [Topic]] = [:]
        var before: [UInt64] = []
        var closed: Set<UInt64> = []
        for record in records {
            let number = number(of: record)
            guard let draft = drafts[number] else { continue }
            var topics = draft.topics(
                subject: draft.what == .safe
                    ? draft.versions.flatMap { delivered[$0] ?? [] } : draft.subject.flatMap { delivered[$0] }
            )
            before.append(number)
            let actual = record.deliveries.compactMap { names[$0.topic] }
            let named = topics
            // Wherever the answers went that are erased with what it names.
            for version in draft.versions {
                let places = Set(
                    (delivered[version] ?? []).map {
                        Topic(country: $0.country, province: $0.province, kind: .sighting)
                    })
                for answer in before
                where drafts[answer].map({ $0.subject == version || $0.versions.contains(version) }) ?? false
                {
                    topics += (delivered[answer] ?? []).filter { places.contains($0) && !topics.contains($0) }
                }
            }
            // Of what was erased before nothing more is looked for.
            let isFirst = closed.isDisjoint(with: draft.versions)
            closed.formUnion(draft.versions)
            let isRight =
                isFirst
                ? actual == topics : actual.starts(with: named) && Set(actual).isSubset(of: topics)
            if !isRight {
                found.append("\(draft.what) \(number) is on \(actual), and not on \(topics)")
            }
            delivered[number] = actual
        }
    }

    /// The hub knows of each alert that somebody else has acknowledged or sighted it, and of no other. An answer that came before
    /// its alert counts too, also where the hub was killed in between.
    private func checkProgress(_ records: [Record], _ found: inout [String]) {
        let offsets = Dictionary(records.map { (number(of: $0), $0.offset) }) { first, _ in first }
        var expected: [UInt64: Set<Draft.What>] = [:]
        for record in records {
            guard let draft = drafts[number(of: record)], draft.what == .ack || draft.what == .sighting,
                let subject = draft.subject, authors[subject] != record.post, let offset = offsets[subject]
            else { continue }
            expected[offset, default: []].insert(draft.what)
        }
        let known = (try? MemoryReader(memory).progress(after: 0, limit: .max)) ?? []
        for progress in known {
            let wanted = expected.removeValue(forKey: progress.offset) ?? []
            var known: Set<Draft.What> = []
            if progress.acknowledged != nil { known.insert(.ack) }
            if progress.sighted != nil { known.insert(.sighting) }
            if known != wanted {
                found.append("the hub has \(progress), and what came of it is \(wanted)")
            }
        }
        if let (offset, missing) = expected.first {
            found.append("the hub does not know that offset \(offset) has \(missing)")
        }
    }

    /// Nothing counts as seen that was not shown, and all that the program could still tell does.
    private func checkReceipts(of reader: ReaderNode, _ found: inout [String]) {
        let receipts = ((try? MemoryReader(memory).receipts()) ?? []).filter {
            $0.identity == reader.actor.name
        }
        var seen: [UInt32: Set<UInt64>] = [:]
        for receipt in receipts {
            seen[receipt.topic] = (try? SequenceRanges(decoding: receipt.ranges)).map {
                Set($0.ranges.joined())
            }
        }
        for (topic, sequences) in seen where !sequences.isSubset(of: reader.shown[topic] ?? []) {
            found.append("\(reader.actor.name) is said to have seen of topic \(topic) what it was not shown")
        }
        for (topic, sequences) in reader.shownLast where !sequences.isSubset(of: seen[topic] ?? []) {
            let missing = sequences.subtracting(seen[topic] ?? []).sorted().prefix(5)
            found.append(
                "\(reader.account) has seen \(Array(missing)) of topic \(topic), and the hub does not know")
        }
    }

    /// Each hub knows the same log, and its feeds stand at the same sequences.
    private func checkHubs(_ records: [Record], _ found: inout [String]) {
        guard hubs.count > 1 else { return }
        guard let state = try? MemoryStore(memory).load() else { return found.append("no state") }
        for hub in hubs {
            guard let core = hub.turn?.core else {
                found.append("\(hub.name) is down")
                continue
            }
            if core.end.offset != state.offset || core.end.hash != state.hash {
                found.append("\(hub.name) is at offset \(core.end.offset) of \(state.offset), \(core.role)")
            } else if core.end.heads.map(\.sequence) != state.topics.map(\.sequence) {
                found.append("\(hub.name) has other topic sequences")
            }
        }
        if hubs.filter({ $0.turn?.core.role == .writing }).count != 1 { found.append("not one hub writes") }
    }

    var topicNames: [UInt32: Topic] {
        let state = try? MemoryStore(memory).load()
        return Dictionary(uniqueKeysWithValues: (state?.topics ?? []).map { ($0.number, $0.topic) })
    }

    func storedRecords() -> [Record] {
        let reader = MemoryReader(memory)
        let page = try? reader.page(
            after: 0, topics: Set(topicNames.keys), limit: .max, bytes: .max)
        return page?.records ?? []
    }

    func number(of record: Record) -> UInt64 { number(of: record.alert) }

    func number(of id: [UInt8]) -> UInt64 { id.suffix(6).reduce(0) { $0 << 8 | UInt64($1) } }
}
