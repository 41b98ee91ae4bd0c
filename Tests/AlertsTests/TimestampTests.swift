import Alerts
import Foundation
import Testing

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "an alert's time is read to the second, whatever its offset",
        arguments: [
            ("1970-01-01T00:00:00+00:00", 0), ("1970-01-01T07:00:00+07:00", 0),
            ("1969-12-31T23:59:59-00:00", -1),
            ("2026-11-24T06:30:00+07:00", 1_795_476_600), ("2024-02-29T12:00:00+14:00", 1_709_157_600),
            ("2000-02-29T00:00:00-12:30", 951_827_400), ("9999-12-31T23:59:59+00:00", 253_402_300_799),
            ("0000-01-01T00:00:00+00:00", -62_167_219_200),
        ])
    func reads(text: String, seconds: Int64) throws {
        #expect(Timestamp(rfc3339: text)?.milliseconds == seconds * 1_000)
    }

    @Test(
        "what CAP's schema refuses is no time",
        arguments: [
            "2026-11-24T06:30:00Z", "2026-11-24T06:30:00.000+07:00", "2026-11-24T06:30+07:00",
            "2026-11-24T06:30:00", "2026-11-24T06:30:00+0700", "2026-11-24T06:30:00+14:01",
            "2026-11-24T06:30:60+07:00", "2026-11-24 06:30:00+07:00", "2026-11-24t06:30:00+07:00",
            "2026-11-24T24:00:00+07:00", "2026-02-29T00:00:00+07:00", "1900-02-29T00:00:00+07:00",
            "2026-13-01T00:00:00+07:00", "2026-00-01T00:00:00+07:00", "2026-04-31T00:00:00+07:00",
            "2026-11-00T00:00:00+07:00", "2026-11-24T06:60:00+07:00", "2026-11-24T06:30:00+07:60",
            "២០២៦-11-24T06:30:00+07:00", "", " 2026-11-24T06:30:00+07:00", "2026-11-24T06:30:00,07:00",
        ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(
        "on a command line spaces, Z, and what is left out will do; without an offset it is Cambodia's time",
        arguments: [
            "1970-01-02T00:00:00+07:00", "1970-01-02 00:00:00 +07:00", "1970-01-02 00:00:00+07:00",
            "1970-01-02T00:00+07:00", "1970-01-02 00:00 +07:00", "1970-01-02 00:00", "1970-01-02T00:00:00",
            "1970-01-02", "1970-01-01T17:00:00Z", "1970-01-01 17:00 Z", "1970-01-01 17:00Z",
        ])
    func typed(text: String) {
        #expect(Timestamp(typed: text)?.milliseconds == 61_200_000)
    }

    @Test(
        "anything else on a command line is no time",
        arguments: [
            "", " ", "1970", "1970-01", "1970-1-2", "1970-13-01", "1970-01-02 ", "1970-01-02T",
            "1970-01-02x00:00",
            "1970-01-02 0:00", "1970-01-02 00:00:0", "1970-01-02 00:00 ", "1970-01-02 00:00  +07:00",
            "1970-01-02 00:00 07:00", "1970-01-02T00:00:01z", "1970-01-02T00:00:01.5Z", "1970-01-02:00",
            "1970-01-02+07:00", "02 Jan 00:00", "កោះកុង",
        ])
    func untyped(text: String) {
        #expect(Timestamp(typed: text) == nil)
    }

    @Test("a time is written with Cambodia's offset, or the one asked for, and cut to the second")
    func writes() {
        let time = Timestamp(milliseconds: 1_795_476_600_999)
        #expect(time.rfc3339() == "2026-11-24T06:30:00+07:00")
        #expect(time.rfc3339(offset: 0) == "2026-11-23T23:30:00+00:00")
        #expect(time.rfc3339(offset: -210) == "2026-11-23T20:00:00-03:30")
        #expect(Timestamp(milliseconds: -1).rfc3339(offset: 0) == "1969-12-31T23:59:59+00:00")
    }

    @Test("no number of milliseconds makes writing trap")
    func extremes() {
        #expect(Timestamp(milliseconds: .min).rfc3339(offset: .min) == "0000-01-01T00:00:00-14:00")
        #expect(Timestamp(milliseconds: .max).rfc3339(offset: .max) == "9999-12-31T23:59:59+14:00")
    }

    @Test("reading and writing agree with Foundation's calendar over 400 years of days")
    func agreesWithFoundation() throws {
        let formatter = ISO8601DateFormatter()
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        for day in stride(from: -40_000, to: 110_000, by: 13) {
            let seconds = day * 86_400 + 86_399
            let text = formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
                .replacingOccurrences(of: "Z", with: "+00:00")
            let time = try #require(Timestamp(rfc3339: text))
            #expect(time.milliseconds == Int64(seconds) * 1_000)
            #expect(time.rfc3339(offset: 0) == text)
        }
    }
}

@Suite("AlertID")
struct AlertIDTests {
    @Test("an id carries its time, its version and the randomness")
    func make() {
        let random: [UInt8] = [0xFF, 0xFF, 0x3F, 1, 2, 3, 4, 5, 6, 7]
        let id = AlertID(time: Timestamp(milliseconds: 0x0193_6B2E_5C00), random: random)
        #expect(id.description == "01936b2e-5c00-7fff-bf01-020304050607")
        #expect(id.time == Timestamp(milliseconds: 0x0193_6B2E_5C00))
        #expect(AlertID(id.description) == id)
        #expect(AlertID(bytes: id.bytes) == id)
    }

    @Test("ids sort by time")
    func order() {
        let ids = (0..<100).map {
            AlertID(time: Timestamp(milliseconds: $0), random: [UInt8](repeating: UInt8(255 - $0), count: 10))
        }
        #expect(ids == ids.sorted())
    }

    @Test("no time and no randomness makes an id that isn't one")
    func extremes() {
        for milliseconds in [Int64.min, -1, 0, .max] {
            for count in [0, 1, 9, 10, 300] {
                let id = AlertID(
                    time: Timestamp(milliseconds: milliseconds), random: [UInt8](repeating: 255, count: count)
                )
                #expect(AlertID(id.description) == id)
            }
        }
    }

    @Test(
        "another version, variant, case or shape is no id",
        arguments: [
            "01936b2e-5c00-4abc-8def-0123456789ab", "01936b2e-5c00-7abc-cdef-0123456789ab",
            "01936B2E-5C00-7ABC-8DEF-0123456789AB", "01936b2e5c007abc8def0123456789ab", "",
            "01936b2e-5c00-7abc-8def-0123456789a", "01936b2e-5c00-7abc-8def-0123456789ag",
            "{01936b2e-5c00-7abc-8def-0123456789}",
        ])
    func refuses(text: String) {
        #expect(AlertID(text) == nil)
    }

    @Test("15 and 17 bytes are no id")
    func bytes() {
        #expect(AlertID(bytes: [UInt8](repeating: 0x77, count: 15)) == nil)
        #expect(AlertID(bytes: [UInt8](repeating: 0x77, count: 17)) == nil)
        #expect(AlertID(bytes: []) == nil)
    }
}
