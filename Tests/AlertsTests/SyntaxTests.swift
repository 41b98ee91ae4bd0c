import Testing

@testable import JSON

/// Where a text stops being JSON.
@Suite("The place of a fault")
struct SyntaxTests {
    private func place(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        do {
            _ = try JSONDocument(bytes)
            return nil
        } catch {
            return error.placed(in: bytes)
        }
    }

    @Test(
        "the first byte that can't stand where it does is named, and an end that comes too early",
        arguments: [
            ("{\"a\": 1 \"b\": 2}", "column 9"), ("{\"a\": tru}", "column 10"), ("{a: 1}", "column 2"),
            ("{\"a\": 1,}", "column 9"), ("[1, 2", "too early"), ("{\"a\": \"b", "too early"),
            ("{\"a\": 01}", "column 8"), ("{\"a\": 1.}", "column 9"), ("{\"a\": \"\\x\"}", "column 9"),
            ("{\"a\": \"\t\"}", "column 8"), ("{} {}", "column 4"), ("{\n\n  \"ជន\" 1}", "line 3, column 8"),
            ("[1}", "column 3"), ("[\"\\u12g4\"]", "column 7"), ("\u{FEFF}{}", "column 1"), ("", "too early"),
        ])
    func named(text: String, expected: String) throws {
        #expect(try #require(place(text)).contains(expected), "\(place(text) ?? "")")
    }

    @Test("what is not UTF-8 is named too")
    func encoding() {
        #expect(
            JSONError("not UTF-8").placed(in: Array("{\"a\": \"".utf8) + [0xFF])
                == "not UTF-8 from column 8 on")
    }

    @Test(
        "a text that the parser takes has no fault, and one that was changed in one byte has one if it refuses it"
    )
    func agreement() {
        let sound = Array(
            #"{"a": [1, -2.5e+3, true, false, null, "\u00e9\n", {"b": {}}, []], "c": "កោះកុង", "d": 0}"#.utf8)
        #expect(SyntaxScanner.firstFault(in: sound) == nil)
        for index in sound.indices {
            for byte in [UInt8(0x20), 0x22, 0x2C, 0x30, 0x3A, 0x5B, 0x5C, 0x5D, 0x61, 0x7B, 0x7D, 0xC3] {
                var changed = sound
                changed[index] = byte
                let isTaken = (try? JSONDocument(changed)) != nil
                #expect(
                    (SyntaxScanner.firstFault(in: changed) == nil) == isTaken,
                    "\(String(decoding: changed, as: UTF8.self))")
            }
            // Not within a character: the fault is then its beginning.
            guard sound[index] & 0xC0 != 0x80 else { continue }
            #expect(SyntaxScanner.firstFault(in: Array(sound[..<index])) == index)
        }
    }
}
