import Synchronization

/// The furthest that this program has seen of a log: a server that lacks it has lost acknowledged alerts, or is not the one. Shared
/// by the program's sessions.
final class SeenLog: Sendable {
    struct Point: Sendable, Equatable {
        var term: UInt64 = 0
        var head: UInt64 = 0
        var hash: [UInt8] = []
    }

    private let furthest = Mutex(Point())

    var point: Point { furthest.withLock { $0 } }

    func note(_ point: Point) {
        furthest.withLock { furthest in
            if (point.head, point.term) > (furthest.head, furthest.term) { furthest = point }
        }
    }
}

extension SeenLog.Point {
    /// What a later look at the log shows to be missing; nil: nothing.
    /// - there: the hash of the record at this point's head now; nil: there is none.
    func missing(in now: SeenLog.Point, there: [UInt8]?) -> String? {
        if now.head < head { return "it ends at offset \(now.head), and had offset \(head) before" }
        if now.term < term { return "it is at term \(now.term), and was at \(term) before" }
        if head > 0, there != hash { return "it has another alert at offset \(head) than before" }
        return nil
    }
}
