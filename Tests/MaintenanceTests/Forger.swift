import Alerts
import AlertStore
import Foundation
import Identity
import LogProof
import Notation
import SQLite
import Wire

@testable import AlertHub

/// Someone who has a stopped hub's log in their hands and knows its format.
struct Forger {
    /// What is done to the log. The first three alerts are of one province, two of another follow, and three of the first.
    enum Deed: String, CaseIterable {
        case edit = "a text changed"
        case editElsewhere = "the same, of a province not granted"
        case delete = "an alert taken out, the rest moved up"
        case swap = "two alerts exchanged"
        case replay = "an old alert again at the end"
        case shorten = "the last two cut off"
        case erase = "a content erased early"
    }

    let path: String

    /// - remakes: what the hub signs from then on is made to fit, in all tables, which takes the hub's key to be of use;
    ///   else chains and counts stay as they were at each offset.
    func commit(_ deed: Deed, remakes: Bool) throws {
        let reader = try SQLiteBackend(backup: path).inspector()
        let topics = try reader.outline().topics
        let old = try reader.rows(after: 0, through: .max, limit: 100).records
        try reader.close()
        var rows = old
        var refused: Record?
        switch deed {
        case .edit: change(&rows[1])
        case .editElsewhere: change(&rows[3])
        case .delete: refused = rows.remove(at: 1)
        case .swap: rows.swapAt(1, 2)
        case .replay: rows.append(rows[1])
        case .shorten: rows.removeLast(2)
        case .erase:
            rows[1].erased = rows[1].payloadDigest
            rows[1].signed.payload = []
        }
        number(&rows, as: old)
        if remakes { chain(&rows, topics) }
        try write(rows)
        if remakes { try count(refused) }
    }

    private func change(_ row: inout Record) {
        row.signed.payload = Array(
            String(decoding: row.signed.payload, as: UTF8.self).replacingOccurrences(of: "van", with: "car")
                .utf8)
    }

    /// Offsets, times and topic numbers as they must be; hashes and chains as they were at the offset.
    private func number(_ rows: inout [Record], as old: [Record]) {
        var sequences: [UInt32: UInt64] = [:]
        for index in rows.indices {
            rows[index].offset = UInt64(index) + 1
            let former = old[min(index, old.count - 1)]
            (rows[index].received, rows[index].hash, rows[index].chains) =
                (former.received, former.hash, former.chains)
            for place in rows[index].deliveries.indices {
                let topic = rows[index].deliveries[place].topic
                sequences[topic, default: 0] += 1
                rows[index].deliveries[place].sequence = sequences[topic] ?? 0
            }
        }
    }

    private func chain(_ rows: inout [Record], _ topics: [UInt32: String]) {
        var hash = Chain.origin
        var chains: [UInt32: [UInt8]] = [:]
        for index in rows.indices {
            let row = rows[index]
            let body = row.body(digest: row.payloadDigest)
            hash = row.hash(after: hash, body)
            rows[index].hash = hash
            rows[index].chains = row.deliveries.flatMap { delivery in
                let before = chains[delivery.topic] ?? Chain.origin(of: topics[delivery.topic] ?? "")
                let chain = Chain.topic(after: before, sequence: delivery.sequence, body)
                chains[delivery.topic] = chain
                return chain
            }
        }
    }

    /// The indexes are emptied: the hub makes them anew at its next start.
    private func write(_ rows: [Record]) throws {
        var sql =
            "BEGIN; DELETE FROM alerts; DELETE FROM sequences; DELETE FROM ids; DELETE FROM deliveries;"
            + "DELETE FROM retention; UPDATE meta SET value = 0 WHERE name IN ('indexed', 'judged');"
        for row in rows {
            let erased = row.erased.map { "x'\($0.hex)'" } ?? "NULL"
            sql += """
                INSERT INTO alerts (offset, position, sequence, received, id, deliveries, refers, hash, chains, signature,
                header, payload, erased) VALUES (\(row.offset), (SELECT number FROM positions WHERE post = '\(row.post)'
                AND current = 1), \(row.sequence), \(row.received.milliseconds), x'\(row.alert.hex)',
                x'\(Packing.pack(row.deliveries).hex)', x'\(Packing.pack(row.references).hex)', x'\(row.hash.hex)',
                x'\(row.chains.hex)', x'\(row.signed.signature.hex)', x'\(row.signed.header.hex)',
                x'\(row.signed.payload.hex)', \(erased));
                """
        }
        try execute(sql + "COMMIT;")
    }

    /// What the hub counts by post: a gap was a refusal, and what is cut off never came.
    private func count(_ refused: Record?) throws {
        try execute(
            "UPDATE positions SET through = (SELECT max(sequence) FROM alerts WHERE position = number)")
        guard let refused else { return }
        try execute(
            "INSERT INTO refusals VALUES (1, '\(refused.post)', \(Int64(bitPattern: refused.epoch)), \(refused.sequence),"
                + " \(refused.received.milliseconds), 'schema', 'invented')")
    }

    private func execute(_ sql: String) throws {
        let connection = try Connection(path: path, mode: .readWrite, busyTimeout: .seconds(5))
        try connection.execute(sql)
        try connection.close()
    }
}
