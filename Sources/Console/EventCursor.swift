internal import AlertFeed
internal import Alerts
internal import FoundationEssentials
internal import HTTP
internal import Platform

/// How far one page has been told. Asked again and again, it gives the next events, each once and in order; used by one stream, on
/// the server's thread.
///
/// It holds places and no alerts: a page that takes nothing costs nothing, and goes on with what is left of the window.
struct EventCursor: Sendable {
    /// Alerts of one event, and bytes of them.
    static let mostAlerts = 100
    static let mostBytes = 65_536
    /// How often the link's state is told while it is what it was.
    static let linkPause = Duration.seconds(5)
    /// The same of alerts that have left the window.
    static let gonePause = Duration.seconds(1)
    /// Changed alerts of one event.
    static let mostStates = 500

    private var offset: UInt64
    private var change: UInt64 = 0
    private var generation = 0
    private var floor: UInt64
    private var erasures: Int
    private var escalations = 0
    private var mine = 0
    private var postChange = 0
    private var silentChange = 0
    private var linkChange = -1
    private var nextLink = Duration.zero
    private var nextGone = Duration.zero
    private var isCaughtUp = false
    /// What it has seen before may stand otherwise now.
    private var hasPast: Bool

    /// - offset: of the last alert that the page has; 0: it has none.
    init(after offset: UInt64, _ state: Board.State) {
        self.offset = offset
        hasPast = offset > 0
        change = state.window.change
        generation = state.generation
        floor = offset > 0 ? 0 : state.window.floor
        erasures = offset > 0 ? state.window.erasures - state.window.erased.count : state.window.erasures
    }

    /// The next events; none: not now.
    mutating func next(_ board: Board, _ now: Duration) -> [ServerSentEvent] {
        var cursor = self
        let (events, given, head) = board.read { state in
            let events = cursor.collect(state, now)
            return (events, cursor.alerts(state), state.head)
        }
        self = cursor
        return events + followed(by: given, head)
    }

    private mutating func followed(by alerts: [ReadAlert], _ head: UInt64?) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        if let event = EventCursor.event(alerts) {
            events.append(event)
        } else if let head, !isCaughtUp {
            isCaughtUp = true
            events.append(ServerSentEvent(name: "caught-up", data: "{\"head\":\(head)}"))
        }
        return events
    }

    /// What is told beside alerts.
    private mutating func collect(_ state: Board.State, _ now: Duration) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        if state.generation != generation {
            generation = state.generation
            (offset, change, floor, isCaughtUp) = (0, state.window.change, state.window.floor, false)
            erasures = state.window.erasures
            events.append(EventCursor.event("gone", Gone(before: UInt64(1) << 53)))
        }
        if state.linkChange != linkChange || now >= nextLink {
            linkChange = state.linkChange
            nextLink = now + EventCursor.linkPause
            events.append(EventCursor.event("link", LinkLine(state.link)))
        }
        // What the page lacks is said at once; what it has and the window has not, now and then.
        if state.window.floor > floor, offset > 0, now >= nextGone || state.window.floor > offset + 1 {
            floor = state.window.floor
            nextGone = now + EventCursor.gonePause
            events.append(EventCursor.event("gone", Gone(before: floor)))
        }
        if state.window.erasures > erasures {
            let ids = state.window.erased.suffix(state.window.erasures - erasures)
            erasures = state.window.erasures
            events.append(EventCursor.event("gone", Gone(ids: ids.map(\.description))))
        }
        let changed =
            hasPast
            ? state.window.notActive(through: offset)
            : state.window.changed(after: change, through: offset)
        hasPast = false
        change = state.window.change
        let lines = changed.compactMap { StateLine($0) }
        for start in stride(from: 0, to: lines.count, by: EventCursor.mostStates) {
            let some = lines[start..<min(start + EventCursor.mostStates, lines.count)]
            if lines.count == 1 {
                events.append(EventCursor.event("state", lines[0]))
            } else {
                events.append(EventCursor.event("states", Array(some)))
            }
        }
        for entry in state.escalations.after(escalations) {
            events.append(EventCursor.event("escalation", EscalationLine(entry)))
        }
        escalations = state.escalations.count
        if state.silentChange != silentChange, let posts = state.silent {
            events.append(EventCursor.event("silent", posts.map(SilentLine.init)))
        }
        silentChange = state.silentChange
        if state.postChange != postChange, let post = state.post {
            events.append(EventCursor.event("post", PostLine(post)))
        }
        postChange = state.postChange
        for news in state.mine.after(mine) { events.append(EventCursor.event("mine", news)) }
        mine = state.mine.count
        return events
    }

    private mutating func alerts(_ state: Board.State) -> [ReadAlert] {
        let next = state.window.next(
            after: offset, atMost: EventCursor.mostAlerts, bytes: EventCursor.mostBytes)
        if let last = next.last { offset = last.offset }
        return next.map(\.read)
    }

    // MARK: In words

    private static func event(_ alerts: [ReadAlert]) -> ServerSentEvent? {
        guard let last = alerts.last else { return nil }
        let id = "\(last.streamed.offset)"
        guard alerts.count > 1 else {
            return ServerSentEvent(id: id, name: "alert", bytes: AlertLine.bytes(last))
        }
        return ServerSentEvent(id: id, name: "batch", bytes: AlertLine.listBytes(alerts))
    }

    private static func event(_ name: String, _ line: some Encodable) -> ServerSentEvent {
        ServerSentEvent(name: name, bytes: APILine.bytes(line))
    }
}

private struct Gone: Encodable {
    var before: UInt64?
    var ids: [String]?
}
