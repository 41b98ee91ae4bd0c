import AlertStore
import Alerts
import PostgreSQL

/// A batch as one statement: it compares and swaps term, head and hash, and whatever it inserts, it inserts for the row that was
/// swapped. So a writer that has lost the lease writes nothing, and one that is stopped in the middle holds nobody up.
struct CommitStatement {
    private(set) var arguments = Arguments()
    private var parts: [String] = []

    /// - before, after: the tail without and with the batch.
    init(term: UInt64, before: LogTail, after: LogTail) {
        let swap =
            "UPDATE log SET head = \(add(Int64(clamping: after.offset))), hash = \(add(after.hash)), "
            + "received = \(add(after.received.milliseconds)) WHERE term = \(add(Int64(clamping: term))) "
            + "AND head = \(add(Int64(clamping: before.offset))) AND hash = \(add(before.hash)) RETURNING 1"
        parts.append("lease AS (\(swap))")
    }

    /// Gives no row where the lease is lost.
    var sql: String {
        "WITH \(parts.joined(separator: ",\n")) SELECT pg_notify('borderwire', '') FROM lease"
    }

    mutating func add<Value: Parameter>(_ value: Value) -> String {
        arguments.add(value)
        return "$\(arguments.count)"
    }

    mutating func add<Value: Parameter>(array: [Value]) -> String {
        arguments.add(array: array)
        return "$\(arguments.count)"
    }

    mutating func add<Value: Parameter>(optionals array: [Value?]) -> String {
        arguments.add(optionals: array)
        return "$\(arguments.count)"
    }

    mutating func part(_ statement: String) {
        parts.append("p\(parts.count) AS (\(statement))")
    }

    /// - into: a table with its columns. arrays: one of each column, added before.
    mutating func insert(_ into: String, _ arrays: [String], values: String = "t.*", _ conflict: String = "")
    {
        part(
            "INSERT INTO \(into) SELECT \(values) FROM unnest(\(arrays.joined(separator: ", "))) t, lease \(conflict)"
        )
    }
}

// The log itself.
extension CommitStatement {
    mutating func insert(_ records: [StoredRecord]) {
        guard !records.isEmpty else { return }
        let offsets = add(array: records.map { Int64(clamping: $0.record.offset) })
        let classes = add(array: records.map(\.placing.retention))
        let ends = add(array: records.map(\.placing.expires))
        let sequences = add(array: records.map { Int64(clamping: $0.record.sequence) })
        insert(
            #"alerts ("offset", class, expires, sequence, position, received, id, deliveries, refers, hash, chains, signature, header)"#,
            [
                offsets, classes, ends, sequences, add(array: records.map(\.position)),
                add(array: records.map(\.record.received.milliseconds)),
                add(array: records.map { UUIDBytes($0.record.alert) }),
                add(array: records.map { Packing.pack($0.record.deliveries) }),
                add(array: records.map { Packing.pack($0.record.references) }),
                add(array: records.map(\.record.hash)), add(array: records.map(\.record.chains)),
                add(array: records.map(\.record.signed.signature)),
                add(array: records.map(\.record.signed.header)),
            ])
        let payloads = add(array: records.map(\.record.signed.payload))
        let identifiers = add(optionals: records.map(\.identifiers))
        part(
            #"""
            INSERT INTO contents ("offset", class, expires, payload, identifiers)
            SELECT t.o, t.c, t.e, t.p, string_to_array(t.i, E'\n')
            FROM unnest(\#(offsets), \#(classes), \#(ends), \#(payloads), \#(identifiers)) t(o, c, e, p, i), lease
            """#)
        let deliveries = records.flatMap { record in
            record.record.deliveries.map { (record.record.offset, $0) }
        }
        if !deliveries.isEmpty {
            insert(
                #"deliveries (topic, "offset", sequence)"#,
                [
                    add(array: deliveries.map { Int32(bitPattern: $0.1.topic) }),
                    add(array: deliveries.map { Int64(clamping: $0.0) }),
                    add(array: deliveries.map { Int64(clamping: $0.1.sequence) }),
                ])
        }
        let references = records.flatMap { record in
            record.record.references.map { (record.record.offset, $0) }
        }
        if !references.isEmpty {
            insert(
                #"alert_references (target, "offset")"#,
                [
                    add(array: references.map { UUIDBytes($0.1) }),
                    add(array: references.map { Int64(clamping: $0.0) }),
                ], "ON CONFLICT DO NOTHING")
        }
    }

    mutating func insert(_ topics: [TopicHead]) {
        guard !topics.isEmpty else { return }
        insert(
            "topics (number, name)",
            [
                add(array: topics.map { Int32(bitPattern: $0.number) }),
                add(array: topics.map(\.topic.name)),
            ])
    }

    mutating func put(_ positions: [StoredPosition]) {
        guard !positions.isEmpty else { return }
        insert(
            "positions (number, post, epoch, through, current)",
            [
                add(array: positions.map(\.number)), add(array: positions.map(\.stream.post)),
                add(array: positions.map { Int64(bitPattern: $0.stream.epoch) }),
                add(array: positions.map { Int64(clamping: $0.through) }),
                add(array: positions.map(\.isCurrent)),
            ],
            "ON CONFLICT (post, epoch) DO UPDATE SET through = excluded.through, current = excluded.current")
    }

    /// - before: how many there ever were.
    mutating func insert(_ refusals: [Refusal], before: UInt64) {
        guard !refusals.isEmpty else { return }
        let all = before + UInt64(refusals.count)
        // Of more than are kept in one batch the first are never written.
        let kept = refusals.suffix(Int(clamping: StoreLimits.refusalsKept))
        let first = all - UInt64(kept.count) + 1
        insert(
            "refusals (number, post, epoch, sequence, received, code, reason)",
            [
                add(array: kept.indices.map { Int64(clamping: first + UInt64($0 - kept.startIndex)) }),
                add(array: kept.map(\.post)), add(array: kept.map { Int64(bitPattern: $0.epoch) }),
                add(array: kept.map { Int64(bitPattern: $0.sequence) }),
                add(array: kept.map(\.received.milliseconds)), add(array: kept.map(\.code)),
                add(array: kept.map(\.reason)),
            ])
        guard all > StoreLimits.refusalsKept else { return }
        let last = add(Int64(clamping: all - StoreLimits.refusalsKept))
        part("DELETE FROM refusals USING lease WHERE number <= \(last)")
    }
}

/// A record as its row has it.
struct StoredRecord {
    var record: Record
    /// The row of `positions`.
    var position: Int32
    var placing: Placing
    /// A line each; nil: none.
    var identifiers: String?
}

/// In which partition a content is.
struct Placing: Equatable {
    var retention: Int16
    var expires: Int64

    static let none = Placing(
        retention: PostgresSchema.unplacedClass, expires: PostgresSchema.unplacedEnd)
}

struct StoredPosition {
    var number: Int32
    var stream: LogTail.Stream
    var through: UInt64
    var isCurrent: Bool
}
