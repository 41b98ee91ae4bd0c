import AlertFeed
import AlertPost
import Alerts
import Foundation
import HTTP
import Platform
import Testing
import Wire

@testable import Console

@Suite("What one page is told")
struct EventCursorTests {
    private let board: Board
    private var feed = WindowFixture()

    init() {
        var bounds = Window.Bounds()
        bounds.alerts = 1_000
        board = Board(bounds, now: 0)
    }

    private mutating func take(_ reads: [ReadAlert]) {
        board.change { state in for read in reads { state.window.take(read, at: WindowFixture.now) } }
    }

    /// Everything that there is for it now.
    private func drain(_ cursor: inout EventCursor) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        while true {
            let next = cursor.next(board, .zero)
            guard !next.isEmpty else { return events }
            events += next
        }
    }

    /// Offsets of the alerts in some events, in their order.
    private func offsets(_ events: [ServerSentEvent]) throws -> [UInt64] {
        try events.flatMap { event -> [UInt64] in
            guard let name = event.name, ["alert", "batch"].contains(name) else { return [] }
            let json = try JSONSerialization.jsonObject(with: Data(event.data.utf8))
            let alerts = json as? [[String: Any]] ?? [json as? [String: Any] ?? [:]]
            return alerts.compactMap { ($0["offset"] as? NSNumber)?.uint64Value }
        }
    }

    @Test("a page is told which posts are silent, and again where they are others; another page all the same")
    mutating func silence() {
        func told(_ cursor: inout EventCursor) -> [String] {
            drain(&cursor).filter { $0.name == "silent" }.map(\.data)
        }
        var cursor = board.read { EventCursor(after: 0, $0) }
        #expect(told(&cursor).isEmpty, "nothing is known of them")
        board.take(.silent([SilentPost(post: "koh-kong", since: 0)]))
        let line = #"[{"post":"koh-kong","since":"1970-01-01T07:00:00+07:00"}]"#
        #expect(told(&cursor) == [line])
        #expect(told(&cursor).isEmpty)
        var other = board.read { EventCursor(after: 0, $0) }
        #expect(told(&other) == [line])
        board.take(.silent([]))
        #expect(told(&cursor) == ["[]"])
    }

    @Test("a page gets the window, then what comes, each alert once and in order, in bounded events")
    mutating func once() throws {
        take(try (1...250).map { try feed.alert(UInt8($0)) })
        var cursor = board.read { EventCursor(after: 0, $0) }
        var events = drain(&cursor)
        #expect(try offsets(events) == Array(1...250))
        #expect(events.filter { $0.name == "batch" }.allSatisfy { $0.data.utf8.count < 200_000 })
        take([try feed.alert(1)])
        events = drain(&cursor)
        #expect(try offsets(events) == [251])
        #expect(events.last?.id == "251")
        let rest = drain(&cursor)
        #expect(rest.isEmpty)
    }

    @Test(
        "a page that comes back with the offset of its last alert goes on exactly, and learns what has changed"
    )
    mutating func comesBack() throws {
        take(try (1...20).map { try feed.alert(UInt8($0)) })
        take([try feed.alert(21, MessageType.cancel.code, [3])])
        var cursor = board.read { EventCursor(after: 15, $0) }
        let events = drain(&cursor)
        #expect(try offsets(events) == Array(16...21))
        let states = events.filter { ["state", "states"].contains($0.name) }
        #expect(states.count == 1)
        #expect(states.first?.data.contains(WindowFixture.id(3).description) == true)
        #expect(states.first?.data.contains("cancelled") == true)
    }

    @Test("a page that is slower than the window is told what it has missed, and takes no memory meanwhile")
    mutating func slow() throws {
        take(try (1...10).map { try feed.alert(UInt8($0)) })
        var cursor = board.read { EventCursor(after: 0, $0) }
        _ = drain(&cursor)
        for _ in 0..<5 { take(try (1...250).map { try feed.alert(UInt8($0)) }) }
        let events = drain(&cursor)
        #expect(events.first { $0.name == "gone" }?.data == "{\"before\":261}")
        #expect(try offsets(events) == Array(261...1_260))
    }

    @Test("a state is told of what was sent before, and never of what has yet to be sent")
    mutating func states() throws {
        take(try (1...3).map { try feed.alert(UInt8($0)) })
        var cursor = board.read { EventCursor(after: 0, $0) }
        _ = drain(&cursor)
        take([try feed.alert(4), try feed.alert(5, MessageType.cancel.code, [2, 4])])
        let events = drain(&cursor)
        let told = events.filter { ["state", "states"].contains($0.name) }
        #expect(told.count == 1)
        #expect(told[0].data.contains(WindowFixture.id(2).description))
        #expect(!told[0].data.contains(WindowFixture.id(4).description))
        // It comes as it stands.
        #expect(events.contains { $0.name == "batch" && $0.data.contains("\"state\":\"cancelled\"") })
    }

    @Test("what is to be forgotten is said, and what may be seen comes anew")
    mutating func forgotten() throws {
        take(try (1...3).map { try feed.alert(UInt8($0)) })
        var cursor = board.read { EventCursor(after: 0, $0) }
        _ = drain(&cursor)
        board.clear(Window.Bounds())
        var other = WindowFixture()
        take([try other.alert(9)])
        let events = drain(&cursor)
        #expect(events.first?.name == "gone")
        #expect(try offsets(events) == [1])
    }

    @Test("the link, the queue and what became of one's own alerts are told once each")
    mutating func beside() throws {
        var cursor = board.read { EventCursor(after: 0, $0) }
        let first = drain(&cursor)
        #expect(first.map(\.name) == ["link"])
        board.change { $0.mine.put(DraftNews(id: "a", sequence: 1, state: .queued)) }
        board.change { $0.mine.put(DraftNews(id: "a", sequence: 1, state: .stored, offset: 7)) }
        board.change { $0.mine.put(DraftNews(id: "a", sequence: 1, state: .queued)) }
        let told = drain(&cursor)
        #expect(told.map(\.name) == ["mine"])
        #expect(told.first?.data.contains("stored") == true)
        var later = board.read { EventCursor(after: 0, $0) }
        let known = drain(&later)
        #expect(known.filter { $0.name == "mine" }.count == 1)
        let next = cursor.next(board, EventCursor.linkPause)
        #expect(next.map(\.name) == ["link"])
    }
}
