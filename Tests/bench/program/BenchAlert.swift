import Alerts
import Foundation
import Identity
import Platform
import Wire

/// An alert of exactly 600 bytes that the hub has no fault to find with, changed in place for each sending: a new id, and
/// when it was sent (CLOCK_MONOTONIC, as letters: a text with long numbers in it would be refused).
struct BenchAlert {
    static let size = 600
    static let provinces = ["KH-9", "KH-15", "KH-7", "KH-21"]
    static let slugs = ["koh-kong", "pursat", "kampot", "takeo"]
    /// Province and kind of each of the eight topics.
    static let topics: [Topic] = (0..<8).map {
        Topic(country: "kh", province: slugs[$0 / 2], kind: $0 % 2 == 0 ? .suspect : .movement)
    }

    private(set) var bytes: [UInt8]
    /// What its header says of it.
    private(set) var facts: AlertFacts
    let topic: Topic
    private let idPlace: Int
    private let timePlace: Int
    private let sentPlace: Int
    /// When the alert says that it was sent, in whole seconds.
    private var second: Int64 = 0
    private var random: UInt64

    init(post: String, topic number: Int, seed: UInt64) {
        topic = BenchAlert.topics[number]
        random = 88_172_645_463_325_252 &+ seed &* 7_919 &+ UInt64(number)
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        let sent = now.rfc3339()
        // Whole seconds, as the payload has them.
        let end = Timestamp(milliseconds: (now.milliseconds / 1_000 + 86_400) * 1_000)
        let expires = end.rfc3339()
        facts = AlertFacts(
            id: [], kind: topic.kind.code, messageType: MessageType.alert.code, status: Status.actual.code,
            expires: end)
        let section =
            topic.kind == .suspect
            ? #""suspect":{"ageRange":{"max":45,"min":35},"role":"transporter","sex":"male"}"#
            : #""movement":{"direction":"out","minors":0,"mode":"road","people":6}"#
        let head = """
            {"certainty":"Observed","description":{"en":"\(String(repeating: "a", count: 20))
            """
        let tail = """
            "},"expires":"\(expires)","handling":"TLP:AMBER+STRICT","headline":{"en":"Grey van seen near the pier"},\
            "id":"01935b7e-8e00-7000-8000-000000000000","kind":"\(topic.kind.rawValue)","msgType":"Alert",\
            "provinces":["\(BenchAlert.provinces[number / 2])"],"sender":"\(post)","sent":"\(sent)","severity":"Severe",\
            "status":"Actual",\(section),"urgency":"Immediate"}
            """
        let padding = String(repeating: " near the old pier", count: 40).prefix(
            BenchAlert.size - head.utf8.count - tail.utf8.count)
        bytes = Array((head + padding + tail).utf8)
        precondition(bytes.count == BenchAlert.size)
        timePlace = #"{"certainty":"Observed","description":{"en":""#.utf8.count
        let text = String(decoding: bytes, as: UTF8.self)
        idPlace = text.utf8.distance(
            from: text.startIndex, to: text.range(of: #""id":""#)?.upperBound ?? text.startIndex)
        sentPlace = text.utf8.distance(
            from: text.startIndex, to: text.range(of: #""sent":""#)?.upperBound ?? text.startIndex)
    }

    /// - time: nanoseconds.
    mutating func stamp(_ time: UInt64) {
        var rest = time
        for place in stride(from: timePlace + 19, through: timePlace, by: -1) {
            bytes[place] = 0x61 + UInt8(rest % 10)
            rest /= 10
        }
        // A UUIDv7 as a post makes it: the milliseconds in front, random bits behind.
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        let digits = Array("0123456789abcdef".utf8)
        let now = wallClockMilliseconds()
        if now / 1_000 != second {
            second = now / 1_000
            for (step, byte) in Timestamp(milliseconds: now).rfc3339().utf8.enumerated() {
                bytes[sentPlace + step] = byte
            }
        }
        var milliseconds = UInt64(now)
        for place in [12, 11, 10, 9, 7, 6, 5, 4, 3, 2, 1, 0] {
            bytes[idPlace + place] = digits[Int(milliseconds & 15)]
            milliseconds >>= 4
        }
        for step in 0..<12 { bytes[idPlace + 24 + step] = digits[Int(random >> UInt64(step * 4) & 15)] }
        facts.id = AlertID(String(decoding: bytes[idPlace..<idPlace + 36], as: UTF8.self))?.bytes ?? []
    }

    /// When a delivered alert was stamped.
    static func time(of payload: [UInt8]) -> UInt64 {
        let start = #"{"certainty":"Observed","description":{"en":""#.utf8.count
        guard payload.count == size else { return 0 }
        return payload[start..<start + 20].reduce(0) { $0 &* 10 &+ UInt64($1 &- 0x61) }
    }
}

func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
