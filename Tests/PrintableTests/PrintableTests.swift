import Printable
import Seeded
import Testing

@Suite("Printable texts")
struct PrintableTests {
    /// What is wrong with a text that is about to be shown; nil when nothing is.
    private func complaint(_ text: String, atMost most: Int = longestPrintable) -> String? {
        var marks = marksOfLetter
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                return "a character that steers or that nobody sees"
            case .nonspacingMark, .enclosingMark: marks += 1
            default: marks = 0
            }
            if scalar.properties.isDefaultIgnorableCodePoint { return "a character that nobody sees" }
            // By number too, should Unicode's tables ever say otherwise.
            switch scalar.value {
            case 0...0x1F, 0x7F...0x9F, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF:
                return "a control character"
            default: break
            }
            if marks > marksOfLetter { return "marks without a letter" }
        }
        if text.contains(where: \.isNewline) { return "a line break" }
        if text.unicodeScalars.count > most { return "too long" }
        if printable(text, atMost: most) != text { return "it changes when it goes through once more" }
        return nil
    }

    private static var scalars: some Sequence<Unicode.Scalar> {
        (0...UInt32(0x10FFFF)).lazy.compactMap { Unicode.Scalar($0) }
    }

    @Test(
        "every character of Unicode comes out harmless, alone, within a word, doubled, and as a mark's ground"
    )
    func everyScalar() {
        var wrong: [String] = []
        for scalar in PrintableTests.scalars where wrong.count < 10 {
            let text = String(scalar)
            if let complaint = complaint(printable("\(text)ក\(text)\(text)a\(text)\u{301}b")) {
                wrong.append("U+\(String(scalar.value, radix: 16)): \(complaint)")
            }
        }
        #expect(wrong == [])
    }

    @Test("any mixture of characters comes out harmless and no longer than asked for")
    func mixtures() {
        let hostile = [
            "\u{1B}[2J", "\u{1B}]0;title\u{7}", "\n", "\r\n", "\u{85}", "\u{9B}31m", "\u{202E}", "\u{2066}",
            "\u{200B}",
            "\u{FEFF}", "\u{2028}", "\u{AD}", "\u{115F}", "\u{E0041}", "\u{301}", "\u{20DD}", "\u{FE0F}",
            "\u{17B4}", "\\",
            "\\u{1B}", "…", "\u{0}", "ក្ដា", "ជ", "é", "\u{10FFFF}", "👩‍👩‍👧", " ", "\u{3000}", "\u{61C}",
        ]
        var generator = SeededRandom(seed: 11)
        for round in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                if Bool.random(using: &generator) {
                    text += hostile.randomElement(using: &generator) ?? ""
                } else if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator)) {
                    text.unicodeScalars.append(scalar)
                }
            }
            let most = Int.random(in: 1...60, using: &generator)
            let complaint = complaint(printable(text, atMost: most), atMost: most)
            #expect(complaint == nil, "round \(round)")
            if complaint != nil { break }
        }
    }

    @Test("Khmer, Thai, Lao, Burmese and Vietnamese come out as they were written")
    func keepsScripts() {
        for text in [
            "កោះកុង ស៊ីសុផុន រតនៈគិរី ពោធិ៍សាត់ ក្មេង១២ឆ្នាំ", "กรุงเทพมหานคร ตราด", "ຈຳປາສັກ", "မြန်မာ", "Đồng Tháp, Bình Phước",
            "日本 — “x”",
        ] {
            #expect(printable(text) == text)
        }
        #expect(printable("ភ្នំ\u{200B}ពេញ") == "ភ្នំពេញ")
    }

    @Test("what steers is shown by its number, and a cut text says so without parting a number")
    func shows() {
        #expect(printable("a\u{1B}[31mb\n\u{202E}c") == "a\\u{1B}[31mb\\u{A}\\u{202E}c")
        #expect(printable("\u{301}a") == "\\u{301}a")
        #expect(printable("abcdef", atMost: 6) == "abcdef")
        #expect(printable("abcdefg", atMost: 6) == "abcde…")
        #expect(printable("ab\u{1B}c", atMost: 6) == "ab…")
        #expect(printable("ab\u{1B}", atMost: 8) == "ab\\u{1B}")
        #expect(printable("abc", atMost: 0) == "…")
        #expect(printable("") == "")
    }
}
