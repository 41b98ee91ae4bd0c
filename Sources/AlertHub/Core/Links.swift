internal import Alerts
internal import Wire

/// Who is connected, as far as they have said hello, and how much each has under way.
struct Links: Sendable {
    /// Look-ups that one peer may have under way; more are refused with code `busy`.
    static let mostReadings = 8

    struct Link: Sendable, Equatable {
        /// When anything last came from the identity.
        var heard: Timestamp
        /// Where a post gets its acknowledgements: the control connection that said hello last.
        var routing: [UInt8]?
        var depth: UInt64?
        var oldest: Int64?
    }

    private(set) var byIdentity: [String: Link] = [:]
    private var readings: [[UInt8]: Int] = [:]

    func routing(of post: String) -> [UInt8]? { byIdentity[post]?.routing }

    mutating func heard(_ identity: String, at now: Timestamp) {
        byIdentity[identity, default: Link(heard: now)].heard = now
    }

    mutating func greeted(_ identity: String, routing: [UInt8], at now: Timestamp) {
        heard(identity, at: now)
        byIdentity[identity]?.routing = routing
    }

    mutating func alive(_ identity: String, _ body: Request.Alive, at now: Timestamp) {
        heard(identity, at: now)
        byIdentity[identity]?.depth = body.depth
        byIdentity[identity]?.oldest = body.oldest
    }

    mutating func keep(_ isKept: (String) -> Bool) {
        byIdentity = byIdentity.filter { isKept($0.key) }
    }

    mutating func beginReading(for peer: [UInt8]) -> Bool {
        guard readings[peer, default: 0] < Links.mostReadings else { return false }
        readings[peer, default: 0] += 1
        return true
    }

    mutating func endReading(for peer: [UInt8]) {
        guard let count = readings[peer] else { return }
        readings[peer] = count > 1 ? count - 1 : nil
    }
}
