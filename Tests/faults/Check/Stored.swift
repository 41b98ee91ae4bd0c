import Alerts
import FoundationEssentials
import SQLite

/// A row of the hub's database, read with nothing but SQLite and a JSON decoder.
struct Stored: Sendable {
    var offset: UInt64
    var id: String
    var post: String
    var epoch: Int64
    var sequence: UInt64
    var kind: String
    /// Codes.
    var provinces: [String]

    private struct Payload: Decodable {
        var kind: String
        var provinces: [String]
    }

    /// In the order of offsets.
    static func all(_ path: String) throws -> [Stored] {
        let connection = try Connection(path: path, mode: .read, busyTimeout: .seconds(5))
        defer { try? connection.close() }
        let rows = try connection.statement(
            """
            SELECT offset, id, post, epoch, sequence, payload
            FROM alerts JOIN positions ON positions.number = alerts.position ORDER BY offset
            """)
        var stored: [Stored] = []
        while try rows.step() {
            let payload = try JSONDecoder().decode(Payload.self, from: Data(rows.bytes(5)))
            stored.append(
                Stored(
                    offset: try rows.unsigned(0), id: AlertID(bytes: rows.bytes(1))?.description ?? "",
                    post: rows.text(2), epoch: rows.integer(3), sequence: try rows.unsigned(4),
                    kind: payload.kind, provinces: payload.provinces))
        }
        return stored
    }
}

/// A row of a post's outbox.
struct Kept: Sendable {
    var id: String
    var sequence: UInt64
    /// 0 queued, 1 stored, 2 rejected.
    var state: Int64
    var offset: UInt64?
    /// From queued to answered; nil before.
    var milliseconds: Double?

    static func all(_ path: String) throws -> [Kept] {
        let connection = try Connection(path: path, mode: .read, busyTimeout: .seconds(5))
        defer { try? connection.close() }
        let rows = try connection.statement(
            "SELECT id, sequence, state, offset, answered - queued FROM alerts ORDER BY sequence")
        var kept: [Kept] = []
        while try rows.step() {
            kept.append(
                Kept(
                    id: AlertID(bytes: rows.bytes(0))?.description ?? "", sequence: try rows.unsigned(1),
                    state: rows.integer(2), offset: rows.isNull(3) ? nil : try rows.unsigned(3),
                    milliseconds: rows.isNull(4) ? nil : Double(rows.integer(4))))
        }
        return kept
    }
}
