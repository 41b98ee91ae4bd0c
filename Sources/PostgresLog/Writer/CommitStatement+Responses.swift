import AlertStore
import Alerts
import PostgreSQL

// What comes of alerts. One statement sees none of its own changes and may change each row once: so what a batch says twice of the
// same is put together here.
extension CommitStatement {
    mutating func writeResponses(of batch: Batch) {
        let receipts = last(batch.receipts) { [$0.identity, "\($0.topic)"] }
        let duty = last(batch.duty) { [$0.identity, "\($0.from)"] }
        forget(batch.forgotten, except: receipts, duty)
        put(receipts)
        put(duty)
        put(together(batch.progress))
        insert(batch.escalations)
        put(last(batch.outages) { $0.until })
    }

    private func last<Value, Key: Hashable>(_ values: [Value], _ key: (Value) -> Key) -> [Value] {
        var places: [Key: Int] = [:]
        var kept: [Value] = []
        for value in values {
            if let place = places[key(value)] {
                kept[place] = value
            } else {
                places[key(value)] = kept.count
                kept.append(value)
            }
        }
        return kept
    }

    private func together(_ progress: [AlertProgress]) -> [AlertProgress] {
        var all: [UInt64: AlertProgress] = [:]
        for one in progress {
            if all[one.offset] == nil { all[one.offset] = one } else { all[one.offset]?.add(one) }
        }
        return all.values.sorted { $0.offset < $1.offset }
    }

    private mutating func forget(_ identities: [String], except receipts: [Receipt], _ duty: [DutyChange]) {
        guard !identities.isEmpty else { return }
        let gone = add(array: identities)
        let receiptNames = add(array: receipts.map(\.identity))
        let topics = add(array: receipts.map { Int32(bitPattern: $0.topic) })
        part(
            """
            DELETE FROM receipts r USING lease WHERE r.identity = ANY(\(gone)) AND NOT EXISTS
                (SELECT 1 FROM unnest(\(receiptNames), \(topics)) n(i, t) WHERE n.i = r.identity AND n.t = r.topic)
            """)
        let dutyNames = add(array: duty.map(\.identity))
        let starts = add(array: duty.map { Int64(clamping: $0.from) })
        part(
            """
            DELETE FROM duty d USING lease WHERE d.identity = ANY(\(gone)) AND NOT EXISTS
                (SELECT 1 FROM unnest(\(dutyNames), \(starts)) n(i, s) WHERE n.i = d.identity AND n.s = d.since)
            """)
    }

    private mutating func put(_ receipts: [Receipt]) {
        guard !receipts.isEmpty else { return }
        insert(
            "receipts (identity, topic, ranges)",
            [
                add(array: receipts.map(\.identity)),
                add(array: receipts.map { Int32(bitPattern: $0.topic) }), add(array: receipts.map(\.ranges)),
            ], "ON CONFLICT (identity, topic) DO UPDATE SET ranges = excluded.ranges")
    }

    private mutating func put(_ duty: [DutyChange]) {
        guard !duty.isEmpty else { return }
        insert(
            "duty (since, identity, provinces)",
            [
                add(array: duty.map { Int64(clamping: $0.from) }), add(array: duty.map(\.identity)),
                add(array: duty.map { $0.duty.joined(separator: ",") }),
            ], "ON CONFLICT (since, identity) DO UPDATE SET provinces = excluded.provinces")
    }

    private mutating func put(_ progress: [AlertProgress]) {
        guard !progress.isEmpty else { return }
        insert(
            #"progress ("offset", seen, acknowledged, sighted)"#,
            [
                add(array: progress.map { Int64(clamping: $0.offset) }),
                add(optionals: progress.map(\.seen?.milliseconds)),
                add(optionals: progress.map(\.acknowledged?.milliseconds)),
                add(optionals: progress.map(\.sighted?.milliseconds)),
            ],
            """
            ON CONFLICT ("offset") DO UPDATE SET seen = coalesce(progress.seen, excluded.seen),
                acknowledged = coalesce(progress.acknowledged, excluded.acknowledged),
                sighted = coalesce(progress.sighted, excluded.sighted)
            """)
    }

    private mutating func insert(_ escalations: [EscalationRow]) {
        guard !escalations.isEmpty else { return }
        insert(
            #"escalations (number, "offset", reason, at)"#,
            [
                add(array: escalations.map { Int64(clamping: $0.number) }),
                add(array: escalations.map { Int64(clamping: $0.offset) }),
                add(array: escalations.map(\.reason)), add(array: escalations.map(\.at.milliseconds)),
            ])
    }

    private mutating func put(_ outages: [Outage]) {
        guard !outages.isEmpty else { return }
        insert(
            "outages (since, until)",
            [
                add(array: outages.map(\.from.milliseconds)), add(array: outages.map(\.until.milliseconds)),
            ], "ON CONFLICT (until) DO UPDATE SET since = excluded.since")
    }
}
