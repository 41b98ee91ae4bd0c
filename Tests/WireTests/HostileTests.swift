import Seeded
import Testing

@testable import Wire

/// Whatever arrives is either taken or refused; nothing traps. What is taken has one meaning: written again and read
/// again it is the same.
@Suite("Hostile frames")
struct HostileTests {
    /// Reproduces a failing run.
    static let seed: UInt64 = 20_261_124

    @Test("a frame cut at any length is refused or means what it says", arguments: Form.all)
    func truncation(form: Form) throws {
        for original in try good(form) {
            for index in original.indices {
                for length in original[index].indices {
                    var frames = original
                    frames[index] = Array(original[index].prefix(length))
                    expectSteady(form, frames)
                }
            }
            for count in original.indices { expectSteady(form, Array(original.prefix(count))) }
        }
    }

    @Test(
        "a header cut at any length is refused",
        arguments: Form.all.filter { !["delivery", "page", "request", "reply"].contains($0.file) })
    func cutHeader(form: Form) throws {
        let header = form.known == 1 ? 0 : 1
        for original in try good(form) {
            for length in original[header].indices {
                var frames = original
                frames[header] = Array(original[header].prefix(length))
                #expect(throws: Malformed.self) { try form.decodeAndEncode(frames) }
            }
        }
    }

    @Test("a delivery cut within an alert is refused; cut between two it is the shorter one")
    func cutDelivery() throws {
        for one in try Golden<Anything>("delivery").cases where one.error == nil {
            let whole = try Delivery(decoding: one.bytes[1])
            let ends = (1...whole.alerts.count).map { count in
                var shorter = whole
                shorter.alerts = Array(whole.alerts.prefix(count))
                return shorter.encoded()
            }
            for length in one.bytes[1].indices {
                let cut = Array(one.bytes[1].prefix(length))
                if ends.contains(cut) {
                    #expect(throws: Never.self) { try Delivery(decoding: cut) }
                } else {
                    #expect(throws: Malformed.self) { try Delivery(decoding: cut) }
                }
            }
        }
    }

    @Test("any byte changed is refused or means what it says", arguments: Form.all)
    func mutation(form: Form) throws {
        var random = SeededRandom(seed: HostileTests.seed)
        for original in try good(form) {
            for index in original.indices {
                for place in original[index].indices {
                    let changes = [
                        0x00, 0x7F, 0x80, 0xFF, original[index][place] ^ 1, UInt8(random.next() & 0xFF),
                    ]
                    for byte in changes as [UInt8] {
                        var frames = original
                        frames[index][place] = byte
                        expectSteady(form, frames)
                    }
                }
            }
        }
    }

    @Test("bytes added, taken out and moved are refused or mean what they say", arguments: Form.all)
    func splices(form: Form) throws {
        var random = SeededRandom(seed: HostileTests.seed)
        for original in try good(form) where !original.isEmpty {
            for _ in 0..<200 {
                var frames = original
                let index = Int.random(in: frames.indices, using: &random)
                let from = Int.random(in: 0...frames[index].count, using: &random)
                let to = Int.random(in: from...frames[index].count, using: &random)
                switch random.next() % 4 {
                case 0: frames[index].removeSubrange(from..<to)
                case 1: frames[index].insert(contentsOf: frames[index][from..<to], at: from)
                case 2: frames[index].insert(contentsOf: random.bytes(atMost: 8), at: from)
                default: frames.swapAt(index, Int.random(in: frames.indices, using: &random))
                }
                expectSteady(form, frames)
            }
        }
    }

    @Test("random bytes are refused or mean what they say", arguments: Form.all)
    func noise(form: Form) throws {
        var random = SeededRandom(seed: HostileTests.seed)
        let originals = try good(form)
        for _ in 0..<3_000 {
            // Half of them with good frames around one of noise, some of these with a good preamble.
            var frames = (0..<random.next() % 7).map { _ in random.bytes(atMost: 120) }
            if random.next() % 2 == 0, let original = originals.randomElement(using: &random),
                !original.isEmpty
            {
                frames = original
                let index = Int.random(in: frames.indices, using: &random)
                frames[index] =
                    Array(original[index].prefix(Int(random.next() % 5))) + random.bytes(atMost: 120)
            }
            expectSteady(form, frames)
        }
    }

    @Test("a false count reserves no memory and ends at the frame's end")
    func falseCount() {
        let most = [UInt8](repeating: 0xFF, count: 9) + [0x01]
        let heartbeat =
            [0x42, 0x57, 0x02, 0x03] + [UInt8](repeating: 1, count: 24) + most
            + [UInt8](repeating: 1, count: 60_000)
        // 1, 1, 1, 1 ...: each pair is a good entry, until the bytes run out.
        #expect(throws: Malformed("heads: cut short")) { try Heartbeat(decoding: heartbeat) }
    }

    @Test("numbers of any size come through LEB128, in the shortest form only")
    func leb128() throws {
        var random = SeededRandom(seed: HostileTests.seed)
        for _ in 0..<5_000 {
            let value = random.next() >> (random.next() % 64)
            var writer = ByteWriter()
            writer.putVarint(value)
            var reader = ByteReader(writer.bytes)
            #expect(try reader.takeVarint("number") == value)
            #expect(reader.isAtEnd)
            writer.bytes[writer.bytes.count - 1] |= 0x80
            var longer = ByteReader(writer.bytes + [0x00])
            #expect(throws: Malformed.self) { try longer.takeVarint("number") }
        }
    }

    @Test("the number of a broken request is found where it can be")
    func requestNumber() {
        let header: [UInt8] = [0x42, 0x57, 0x02, 0x10]
        func number(_ verb: String, _ body: String) -> UInt64? {
            Request.number(in: [header, Array(verb.utf8), Array(body.utf8)])
        }
        #expect(number("launch", #"{"request":7}"#) == 7)
        #expect(number("replay", #"{"request":8,"topics":7}"#) == 8)
        #expect(number("replay", #"{"request":0}"#) == nil)
        #expect(number("replay", #"{"request":9223372036854775808}"#) == nil)
        #expect(number("replay", "[]") == nil)
        #expect(Request.number(in: []) == nil)
    }

    private func good(_ form: Form) throws -> [[[UInt8]]] {
        try Golden<Anything>(form.file).cases.filter { $0.error == nil }.map(\.bytes)
    }

    private func expectSteady(_ form: Form, _ frames: [[UInt8]]) {
        guard !frames.isEmpty, let written = try? form.decodeAndEncode(frames) else { return }
        if form.isExact {
            #expect(written == Array(frames.prefix(written.count)), "\(frames)")
        } else {
            #expect((try? form.decodeAndEncode(written)) == written, "\(frames)")
        }
    }
}

extension SeededRandom {
    mutating func bytes(atMost most: UInt64) -> [UInt8] {
        (0..<next() % (most + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
