import Alerts
import Testing

@Suite("A topic's name")
struct TopicTests {
    @Test("is a country, a province and a kind, each before a dot")
    func read() {
        let topic = Topic(country: "kh", province: "koh-kong", kind: .suspect)
        #expect(Topic("kh.koh-kong.suspect.") == topic)
        #expect(Topic(bytes: Array("kh.koh-kong.suspect.".utf8)) == topic)
        #expect(Topic("0-.9.movement.") == Topic(country: "0-", province: "9", kind: .movement))
    }

    @Test("has at most 200 bytes")
    func longest() {
        let room = Topic.longestName - "kh..suspect.".utf8.count
        #expect(Topic("kh.\(String(repeating: "a", count: room)).suspect.") != nil)
        #expect(Topic("kh.\(String(repeating: "a", count: room + 1)).suspect.") == nil)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", ".", "..", "kh", "kh.", "kh..", "kh...", "kh....", "kh.koh-kong", "kh.koh-kong.",
            "kh.koh-kong..",
            "kh.koh-kong.suspect", "kh.koh-kong.suspect..", "kh.koh-kong.suspect.x", "kh.koh-kong.suspects.",
            "kh.koh-kong.Suspect.", "kh.koh-kong..suspect.", "kh..suspect.", "k.koh-kong.suspect.",
            "khm.koh-kong.suspect.", ".kh.koh-kong.suspect.", "..koh-kong.suspect.", "KH.koh-kong.suspect.",
            "kh.Koh.suspect.", "kh.koh_kong.suspect.", "kh.koh kong.suspect.", "kh.kòh.suspect.",
            "kh.koh.\u{301}suspect.", "kh.koh.suspect.\u{301}", "kh.koh.suspect.\r\n", "kh.koh.suspect.\u{0}",
            "kh.កោះ.suspect.", "heartbeat.",
        ])
    func refused(name: String) {
        #expect(Topic(name) == nil)
        #expect(Topic(bytes: Array(name.utf8)) == nil)
    }

    @Test("is no bytes that are not UTF-8", arguments: 0..<"kh.koh.suspect.".utf8.count)
    func broken(place: Int) {
        var bytes = Array("kh.koh.suspect.".utf8)
        bytes[place] = 0xFF
        #expect(Topic(bytes: bytes) == nil)
    }
}
