internal import AlertFeed
internal import AlertPost
internal import Alerts
internal import FoundationEssentials
internal import Identity
internal import LogProof
internal import Wire

/// JSON of the page's API, beside alerts.
enum APILine {
    static func bytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, whole numbers and what is made of them always encode.
        return Array((try? encoder.encode(value)) ?? Data("{}".utf8))
    }

    static func text(_ value: some Encodable) -> String { String(decoding: bytes(value), as: UTF8.self) }
}

/// An alert as `borderwire tail --format json` prints it, and the key that verified it.
enum AlertLine {
    private static let format = JSONFormat()

    static func bytes(_ read: ReadAlert) -> [UInt8] {
        var line = format.bytes(of: read)
        // The closing brace and the line's end.
        line.removeLast(2)
        // A fingerprint is digits, letters and spaces.
        let key = read.signer.map { "\"\($0.fingerprint)\"" } ?? "null"
        line += Array(",\"key\":\(key)}".utf8)
        return line
    }

    static func text(_ read: ReadAlert) -> String { String(decoding: bytes(read), as: UTF8.self) }

    static func listBytes(_ alerts: [ReadAlert]) -> [UInt8] {
        var list = [UInt8(ascii: "[")]
        for alert in alerts {
            if list.count > 1 { list.append(UInt8(ascii: ",")) }
            list += bytes(alert)
        }
        list.append(UInt8(ascii: "]"))
        return list
    }

    static func list(_ alerts: [ReadAlert]) -> String { String(decoding: listBytes(alerts), as: UTF8.self) }
}

/// How an alert stands that was sent before.
struct StateLine: Encodable {
    var id: String
    var state: String
    var replacedBy: String?
    var disputedBy: [String]?

    init?(_ entry: Window.Entry) {
        guard let id = entry.id, let standing = entry.read.standing else { return nil }
        self.id = id.description
        state = standing.state.rawValue
        replacedBy = standing.replacedBy?.description
        disputedBy = standing.disputedBy.isEmpty ? nil : standing.disputedBy
    }

    private enum CodingKeys: String, CodingKey {
        case id, state
        case replacedBy = "replaced_by"
        case disputedBy = "disputed_by"
    }
}

struct LinkLine: Encodable {
    var state: String
    var since: String
    var reason: String?
    var heartbeat: String?

    init(_ link: Board.Link) {
        state = link.isUp ? "up" : "down"
        since = moment(link.since)
        reason = link.reason
        heartbeat = link.heard.map(moment)
    }
}

struct EscalationLine: Encodable {
    var number: UInt64
    var id: String
    var offset: UInt64
    /// `unseen`, `unacknowledged` or `unattended`.
    var level: String
    /// Slugs.
    var provinces: [String]
    var at: String

    init(_ entry: Escalations.Entry) {
        number = entry.number
        id = entry.alert
        offset = entry.offset
        level = entry.reason
        provinces = entry.topics.compactMap { Topic(bytes: Array($0.utf8))?.province }
        at = moment(entry.time)
    }
}

/// A post that the hub does not hear of.
struct SilentLine: Encodable {
    var post: String
    var since: String

    init(_ silent: SilentPost) {
        post = silent.post
        since = moment(silent.since)
    }
}

struct PostLine: Encodable {
    var name: String
    var link: String
    var since: String?
    var reason: String?
    var waiting: Int
    var rejected: Int
    var oldest: String?

    init(_ status: PostStatus) {
        name = status.post
        link = status.link
        since = status.since.map(moment)
        reason = status.reason
        waiting = status.depth
        rejected = status.rejected
        oldest = status.oldest.map(moment)
    }
}

/// Milliseconds since 1970 as people and programs read them.
func moment(_ milliseconds: Int64) -> String { Timestamp(milliseconds: milliseconds).rfc3339() }
