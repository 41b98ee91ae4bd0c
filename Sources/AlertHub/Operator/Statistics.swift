internal import Alerts
internal import AlertStore
internal import JSON
internal import Platform
internal import Wire

/// `borderwire-hub statistics`: how many real alerts there were and what came of them, without telling of any one of them.
public struct Statistics: Sendable, Equatable {
    /// Counts below this are not told (VP23): few people stand behind them.
    static let fewest = 11

    public enum Count: Sendable, Equatable {
        case exactly(Int)
        /// Below ``fewest``, perhaps none.
        case few
        /// Not told, since another count could be had by subtracting.
        case hidden

        public var text: String {
            switch self {
            case .exactly(let count): "\(count)"
            case .few: "under \(Statistics.fewest)"
            case .hidden: "not shown"
            }
        }
    }

    public struct Table: Sendable, Equatable {
        /// `province`, `kind`, `severity` or `outcome`.
        public var name: String
        public var rows: [(name: String, count: Count)]

        public static func == (left: Table, right: Table) -> Bool {
            left.name == right.name && left.rows.map(\.name) == right.rows.map(\.name)
                && left.rows.map(\.count) == right.rows.map(\.count)
        }
    }

    /// Of the time from an alert's queueing to what came of it.
    public struct Median: Sendable, Equatable {
        /// `stored`, `seen`, `acknowledged` or `sighted`.
        public var name: String
        /// nil: fewer than ``fewest`` alerts.
        public var milliseconds: Int64?
    }

    public var total: Count
    public var tables: [Table]
    public var medians: [Median]
}

extension Statistics {
    /// What is counted, before anything is left out.
    struct Tally: Sendable {
        var total = 0
        var provinces: [String: Int] = [:]
        var kinds: [String: Int] = [:]
        var severities: [String: Int] = [:]
        var outcomes: [String: Int] = [:]
        var times: [String: [Int64]] = [:]
    }

    init(_ tally: Tally) {
        // An alert concerns several provinces, and an outcome is a sighting's: these add up to nothing that is told.
        var tables = [
            Table(name: "province", rows: Statistics.rows(tally.provinces)),
            Table(name: "outcome", rows: Statistics.rows(tally.outcomes)),
        ]
        total = tally.total < Statistics.fewest ? .few : .exactly(tally.total)
        if let kinds = Statistics.rows(tally.kinds, addingUpTo: tally.total),
            let severities = Statistics.rows(tally.severities, addingUpTo: tally.total)
        {
            tables += [Table(name: "kind", rows: kinds), Table(name: "severity", rows: severities)]
        } else {
            total = .hidden
        }
        self.tables = tables
        medians = ["stored", "seen", "acknowledged", "sighted"].map { name in
            let times = (tally.times[name] ?? []).sorted()
            return Median(
                name: name,
                milliseconds: times.count < Statistics.fewest ? nil : times[(times.count - 1) / 2])
        }
    }

    /// Where nothing can be subtracted from.
    static func rows(_ counts: [String: Int]) -> [(name: String, count: Count)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value < fewest ? .few : .exactly($0.value)) }
    }

    /// Where it is told what the counts add up to. Whoever subtracts must be left with counts of which each can be more than one.
    /// - Returns: nil where nothing can be told so.
    static func rows(
        _ counts: [String: Int], addingUpTo total: Int
    ) -> [(name: String, count: Count)]? {
        let few = Set(counts.filter { $0.value < fewest }.map(\.key))
        guard total >= fewest, !few.isEmpty else { return rows(counts) }
        var hidden = few
        var others = counts.filter { $0.value >= fewest }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }[
            ...]
        while isDetermined(hidden.map { (counts[$0] ?? 0, few.contains($0)) }) {
            guard let next = others.popFirst() else { return nil }
            hidden.insert(next.key)
        }
        return rows(counts).map { name, count in
            (name, hidden.contains(name) && !few.contains(name) ? .hidden : count)
        }
    }

    /// Whether the sum of hidden counts tells one of them exactly.
    /// - hidden: each count, and whether it is known to be below ``fewest``; of others it is known that they are not.
    static func isDetermined(_ hidden: [(count: Int, isFew: Bool)]) -> Bool {
        let sum = hidden.reduce(0) { $0 + $1.count }
        return hidden.indices.contains { index in
            let others = hidden.indices.filter { $0 != index }.map { hidden[$0] }
            let least = others.reduce(0) { $0 + ($1.isFew ? 0 : fewest) }
            let most =
                others.contains { !$0.isFew }
                ? Int.max : others.reduce(0) { $0 + ($1.isFew ? fewest - 1 : 0) }
            let low = max(hidden[index].isFew ? 0 : fewest, most == .max ? 0 : sum - most)
            let high = min(hidden[index].isFew ? fewest - 1 : .max, sum - least)
            return low >= high
        }
    }
}

extension Statistics {
    /// Of a running or a stopped hub's log, from a moment on.
    public static func run(_ settings: HubSettings, ago span: Duration) throws -> Statistics {
        let inspector = try settings.log.inspector()
        defer { try? inspector.close() }
        let reader = try settings.log.reader()
        defer { try? reader.close() }
        let since = Timestamp(milliseconds: wallClockMilliseconds()).before(span)
        return Statistics(
            try tally(inspector, reader, since: since))
    }

    static func tally(
        _ log: any LogInspector, _ reader: any AlertReader, since: Timestamp
    ) throws(StoreError) -> Tally {
        var tally = Tally()
        var progress: [UInt64: AlertProgress] = [:]
        let outline = try log.outline()
        var after = try reader.offset(before: since)
        var from = after
        while case let page = try reader.progress(after: from, limit: 4_096), let last = page.last {
            for one in page { progress[one.offset] = one }
            from = last.offset
        }
        while after < outline.head {
            let rows = try log.rows(after: after, through: outline.head, limit: 1_000)
            guard let last = rows.records.last else { break }
            after = last.offset
            for record in rows.records { tally.count(record, progress[record.offset], outline.topics) }
        }
        return tally
    }
}

extension Statistics.Tally {
    fileprivate mutating func count(
        _ record: Record, _ progress: AlertProgress?, _ topics: [UInt32: String]
    ) {
        guard let header = try? PostHeader(decoding: record.signed.header),
            header.facts.status == Status.actual.code,
            header.facts.messageType == MessageType.alert.code, let kind = header.facts.knownKind
        else { return }
        let document = try? JSONDocument(record.signed.payload).root
        if kind == .sighting {
            outcomes[document?["sighting"]?["outcome"]?.string ?? "erased", default: 0] += 1
            return
        }
        total += 1
        kinds[kind.rawValue, default: 0] += 1
        severities[document?["severity"]?.string ?? "erased", default: 0] += 1
        let provinces = Set(
            record.deliveries.compactMap {
                topics[$0.topic].flatMap { Topic(bytes: Array($0.utf8))?.province }
            })
        for province in provinces { self.provinces[province, default: 0] += 1 }
        note("stored", record.received, header.queued)
        note("seen", progress?.seen, record.received)
        note("acknowledged", progress?.acknowledged, record.received)
        note("sighted", progress?.sighted, record.received)
    }

    private mutating func note(_ name: String, _ end: Timestamp?, _ begin: Timestamp) {
        guard let end else { return }
        times[name, default: []].append(max(0, end.milliseconds &- begin.milliseconds))
    }
}
