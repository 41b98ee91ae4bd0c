import AlertFeed
import Alerts
import Foundation
import Identity
import Platform
import Testing
import Wire

@testable import Console

@Suite("The window of alerts")
struct WindowTests {
    private func bounds(alerts: Int = 10_000, memory: Int = 1 << 24) -> Window.Bounds {
        var bounds = Window.Bounds()
        (bounds.alerts, bounds.memory) = (alerts, ByteCount(bytes: memory))
        return bounds
    }

    @Test("an Update, a Cancel, a withdrawal and time change how what is shown stands, and only that is told")
    func states() throws {
        var (window, feed) = (Window(bounds()), WindowFixture())
        for number: UInt8 in 1...4 { window.take(try feed.alert(number), at: WindowFixture.now) }
        let before = window.change
        window.take(try feed.alert(5, MessageType.update.code, [1]), at: WindowFixture.now)
        window.take(try feed.alert(6, MessageType.cancel.code, [2]), at: WindowFixture.now)
        window.take(try feed.alert(7, NoticeCode.withdrawal, [3], by: "hub"), at: WindowFixture.now)
        #expect(
            [1, 2, 3, 4, 5].map(window.state) == ["updated", "cancelled", "withdrawn", "active", "active"])
        #expect(window.changed(after: before, through: 99).map(\.offset) == [1, 2, 3])
        #expect(window.changed(after: before, through: 2).map(\.offset) == [1, 2])
        #expect(window.changed(after: window.change, through: 99).isEmpty)
        window.expire(at: WindowFixture.end)
        #expect(window.state(4) == "expired")
        #expect(window.changed(after: before, through: 99).map(\.offset) == [1, 2, 3, 4, 5])
    }

    @Test("another post's Cancel, and one that nobody has signed, change nothing")
    func strangers() throws {
        var (window, feed) = (Window(bounds()), WindowFixture())
        window.take(try feed.alert(1), at: WindowFixture.now)
        window.take(try feed.alert(2, MessageType.cancel.code, [1], by: "prey-veng"), at: WindowFixture.now)
        #expect(window.state(1) == "active")
        #expect(window.change == 0)
    }

    @Test("an alert and what refers to it are one thread, in offset order")
    func threads() throws {
        var (window, feed) = (Window(bounds()), WindowFixture())
        for number: UInt8 in 1...2 { window.take(try feed.alert(number), at: WindowFixture.now) }
        window.take(try feed.alert(3, MessageType.update.code, [1]), at: WindowFixture.now)
        window.take(try feed.alert(4, MessageType.ack.code, [3]), at: WindowFixture.now)
        #expect(window.thread(of: WindowFixture.id(4)).map(\.offset) == [1, 3, 4])
        #expect(window.thread(of: WindowFixture.id(2)).map(\.offset) == [2])
        #expect(window.thread(of: WindowFixture.id(9)).isEmpty)
    }

    @Test("beyond its bounds, in alerts and in bytes, the oldest leave and are named by the floor")
    func bounded() throws {
        var (window, feed) = (Window(bounds(alerts: 100)), WindowFixture())
        for _ in 0..<5_000 { window.take(try feed.alert(UInt8.random(in: 0...255)), at: WindowFixture.now) }
        #expect(window.count == 100)
        #expect(window.floor == 4_901)
        #expect(window.next(after: 0, atMost: 3, bytes: .max).map(\.offset) == [4_901, 4_902, 4_903])
        #expect(window.next(after: 4_999, atMost: 3, bytes: .max).map(\.offset) == [5_000])
        #expect(window.next(after: 5_000, atMost: 3, bytes: .max).isEmpty)

        var small = Window(bounds(memory: 100_000))
        for number: UInt8 in 0...99 {
            small.take(try feed.alert(number, bytes: 5_000), at: WindowFixture.now)
        }
        #expect(small.bytes <= 100_000)
        #expect((10...20).contains(small.count))
        // One that is larger than all the room is there all the same.
        small.take(try feed.alert(100, bytes: 200_000), at: WindowFixture.now)
        #expect(small.count == 1)
    }

    @Test("an erasure by the operator, and a Cancel that says safe, take the content of what they are of")
    func erased() throws {
        var (window, feed) = (Window(bounds()), WindowFixture())
        for number: UInt8 in 1...4 { window.take(try feed.alert(number), at: WindowFixture.now) }
        window.take(try feed.alert(5, NoticeCode.erasure, [1], by: "hub"), at: WindowFixture.now)
        window.take(
            try feed.alert(6, MessageType.alert.code, [2], by: "prey-veng", kind: .sighting),
            at: WindowFixture.now)
        window.take(try feed.alert(7, MessageType.cancel.code, [2], isSafe: true), at: WindowFixture.now)
        // By somebody who is not the hub.
        window.take(try feed.alert(8, NoticeCode.erasure, [4], by: "prey-veng"), at: WindowFixture.now)
        let isErased = (1...7).map { window.entry(of: WindowFixture.id($0))?.read.isErased }
        #expect(isErased == [true, true, false, false, false, true, false])
        #expect(Set(window.erased) == Set([1, 2, 6].map { WindowFixture.id($0) }))
        let line = AlertLine.text(try #require(window.entry(of: WindowFixture.id(1))).read)
        #expect(line.contains("\"alert\":null,\"erased\":true"))
        #expect(!line.contains("xxxx"))
    }

    @Test("an alert's line is JSON with the key that verified it, and its published bytes as they were")
    func line() throws {
        var feed = WindowFixture()
        let read = try feed.alert(1)
        let text = AlertLine.text(read.unread)
        let fields = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(fields["key"] as? String == read.signer?.fingerprint)
        #expect(fields["verified"] as? Bool == true)
        #expect(text.contains(String(decoding: read.streamed.signed.payload, as: UTF8.self)))
    }
}
