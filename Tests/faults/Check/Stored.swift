import Alerts
import FoundationEssentials
import SQLite

/// A row of the hub's database, read with nothing but the database and a JSON decoder.
struct Stored: Sendable {
    var offset: UInt64
    var id: String
    var post: String
    var epoch: Int64
    var sequence: UInt64
    var kind: String
    /// Codes of the provinces where PROTOCOL.md's "Routing" delivers it, by what the log had before it.
    var provinces: Set<String>
    /// Those that it names itself.
    var named: [String]
    /// Its content is gone. Of the load's alerts only those go that seek somebody: movements of their post's province alone.
    var isErased = false
    /// Ids of what is to be erased by it.
    var closes: [String] = []

    private struct Payload: Decodable {
        struct Sighting: Decodable {
            var of: String
            var share: Bool?
        }

        var msgType: String
        var kind: String
        var provinces: [String]
        var references: [String]?
        var sighting: Sighting?
        var resolution: String?

        /// - before: of the alerts that the log had.
        func delivered(_ before: [String: Set<String>]) -> Set<String> {
            let own = Set(provinces)
            if msgType == "Alert", let sighting {
                guard let answered = before[sighting.of] else { return own }
                return sighting.share == true ? answered.union(own) : answered
            }
            return (references ?? []).reduce(own) { $0.union(before[$1] ?? []) }
        }
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
        var reading = Reading()
        while try rows.step() {
            try reading.add(
                offset: try rows.unsigned(0), id: rows.bytes(1), post: rows.text(2), epoch: rows.integer(3),
                sequence: try rows.unsigned(4), payload: rows.bytes(5))
        }
        return reading.stored
    }

    /// What rows say, one after another.
    struct Reading {
        private(set) var stored: [Stored] = []
        private var delivered: [String: Set<String>] = [:]

        mutating func add(
            offset: UInt64, id: [UInt8], post: String, epoch: Int64, sequence: UInt64, payload bytes: [UInt8]
        ) throws {
            let payload =
                bytes.isEmpty
                ? Payload(
                    msgType: "Alert", kind: "movement", provinces: [post == "koh-kong" ? "KH-9" : "KH-14"])
                : try JSONDecoder().decode(Payload.self, from: Data(bytes))
            let id = AlertID(bytes: id)?.description ?? ""
            let provinces = payload.delivered(delivered)
            delivered[id] = provinces
            stored.append(
                Stored(
                    offset: offset, id: id, post: post, epoch: epoch, sequence: sequence, kind: payload.kind,
                    provinces: provinces, named: payload.provinces, isErased: bytes.isEmpty,
                    closes: payload.resolution == "safe" ? payload.references ?? [] : []))
        }
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
