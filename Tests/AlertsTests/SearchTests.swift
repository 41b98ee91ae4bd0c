import Alerts
import Testing

@Suite("Search")
struct SearchTests {
    /// A movement and a suspect, invented, with something in every field that is searched.
    static var movement: Sample {
        Sample.movement.with(
            "headline", ["en": "White van to the pier: driver’s brother waits", "km": "ឡានសទៅកំពង់ផែ ២ គ្រឿង"]
        )
        .with("description.km", "មានមនុស្សស្ត្រីនៅខេត្តកណ្ដាល")
        .with("description.en", "Café near O'Smach, women in a caravan")
        .with("atRisk", [Sample.personAtRisk])
    }
    static var suspect: Sample {
        Sample.suspect.with("suspect.aliases", ["Ta Mao", "Đặng"])
            .with(
                "suspect.vehicle", ["type": "boat", "plate": "KK 07-889", "colour": "blue", "make": "Yamaha"])
    }

    private func finds(_ words: [String], _ sample: Sample) throws -> Bool {
        let words = try #require(SearchWords(words, in: try Reference.provinces()))
        return words.occur(in: try decoded(sample))
    }

    @Test(
        "a word is found in whichever field it stands",
        arguments: [
            "koh-kong", "pier", "កំពង់ផែ", "ស្ត្រី", "café", "Cham Yeam", "Sre Ambel", "hat", "Andoung", "van",
            "white", "2AB-1234", "R-HRQ21SR9PD", "Koh Kong", "កោះកុង", "ខេត្តកោះកុង", "KH-9", "Trat", "ตราด", "TH-23",
            "kohkong",
        ])
    func fields(word: String) throws { #expect(try finds([word], Self.movement)) }

    @Test(
        "of a suspect, aliases, documents, marks and the vehicle are looked at",
        arguments: [
            "ta mao", "Dang", "ĐẶNG", "N0000001", "scar", "boat", "KK07889", "blue", "yamaha", "recruiter",
        ])
    func suspect(word: String) throws { #expect(try finds([word], Self.suspect)) }

    @Test("every word must occur, in whichever order and field")
    func all() throws {
        #expect(try finds(["កុង", "PIER", "1234"], Self.movement))
        #expect(try !finds(["កុង", "PIER", "1235"], Self.movement))
    }

    @Test(
        "a Latin word is found where a word begins, whatever its case, accents and apostrophes",
        arguments: [
            ("VAN", true), ("cafe", true), ("cafe\u{301}", true), ("osmach", true), ("O’Smach", true),
            ("drivers", true), ("bro", true), ("men", false), ("iver", false), ("fé", false),
            ("smach", false),
        ])
    func latin(word: String, isFound: Bool) throws { #expect(try finds([word], Self.movement) == isFound) }

    @Test("several words in one must follow each other, whatever parts them")
    func phrase() throws {
        #expect(try finds(["white van"], Self.movement))
        #expect(try finds(["White-Van"], Self.movement))
        #expect(try finds(["white  van to"], Self.movement))
        #expect(try !finds(["van white"], Self.movement))
        #expect(try !finds(["caravan O'Smach"], Self.movement))
        // Nor do the end of one field and the beginning of the next.
        #expect(try !finds(["Sre Ambel Hat Lek"], Self.movement))
    }

    @Test(
        "a plate or a document is found without its spaces and hyphens, with Khmer digits, and by a part of it",
        arguments: [
            ("2AB1234", true), ("2ab 1234", true), ("2-AB-1234", true), ("២AB-១២៣៤", true), ("1234", true),
            ("B123", true), ("1235", false), ("12345", false), ("234", false),
        ])
    func number(word: String, isFound: Bool) throws { #expect(try finds([word], Self.movement) == isFound) }

    @Test(
        "an alert is found by its id, and by the beginning of it, but by no few digits that happen to be in it"
    )
    func id() throws {
        #expect(try finds(["01a20abe-b4c0-7abc-8def-0123456789ab"], Self.movement))
        #expect(try finds(["01A20ABEB4C0"], Self.movement))
        #expect(try finds(["01a20abe"], Self.movement))
        #expect(try !finds(["01a20ab"], Self.movement))
        #expect(try !finds(["b4c07abc"], Self.movement))
        #expect(try !finds(["01a20abf"], Self.movement))
    }

    // MARK: Khmer

    @Test(
        "the same Khmer word typed otherwise is found",
        arguments: [
            ("invisible characters", "កំ\u{200B}ពង់\u{200D}ផែ"), ("an inherent vowel", "ក\u{17B4}ំពង់ផែ"),
            ("a space", "កំពង់ ផែ"),
            ("coeng TA for coeng DA", "កណ្\u{178F}ាល"),
            ("coeng DA for coeng TA", "ស\u{17D2}\u{178A}\u{17D2}\u{179A}ី"),
            ("coeng RO first", "ស\u{17D2}\u{179A}\u{17D2}\u{178F}ី"),
            ("the vowel first", "ស\u{17B8}\u{17D2}\u{178F}\u{17D2}\u{179A}"),
            ("the sign before the vowel", "មនុស្ស"),
            ("Khmer digits or Latin ones", "2 គ្រឿង"), ("a space between a digit and a letter", "២គ្រឿង"),
        ])
    func khmer(how: String, word: String) throws { #expect(try finds([word], Self.movement), "\(how)") }

    @Test("a shifter under a vowel is found where vowel U was typed for it, and the other way round")
    func shifters() throws {
        let typed = ["ស៊ីសុផុន", "សុីសុផុន", "សីុសុផុន", "ស៉ីសុផុន"]
        for text in typed {
            for word in typed {
                #expect(try finds([word], Self.movement.with("movement.from", text)), "\(word) in \(text)")
            }
        }
        #expect(try !finds(["សីសុផុន"], Self.movement.with("movement.from", "ស៊ីសុផុន")))
        #expect(try !finds(["សុផុន"], Self.movement.with("movement.from", "ស៊ផុន")))
    }

    @Test("wide Latin letters and digits are found as the usual ones")
    func wide() throws {
        #expect(try finds(["２ＡＢ－１２３４", "ｗｈｉｔｅ ＶＡＮ"], Self.movement))
        #expect(try finds(["2ab1234"], Self.movement.with("movement.vehicle.plate", "２ＡＢ-１２３４")))
    }

    @Test("two vowels that look like one are that one")
    func splitVowels() throws {
        let sample = Self.movement.with("headline.km", "កោះ គ្រឿង ដើម")
        #expect(try finds(["ក\u{17C1}\u{17B6}ះ"], sample))
        #expect(try finds(["ដ\u{17C1}\u{17B8}ម"], sample))
    }

    @Test(
        "a syllable's part is not the syllable",
        arguments: [("ក", "កំពង់"), ("ត", "ស្ត្រី"), ("ស", "ស្ត្រី"), ("ស្ត", "ស្ត្រី"), ("ពង", "កំពង់ផែ")])
    func syllable(part: String, text: String) throws {
        let sample = Self.movement.with("headline", ["km": text]).with("description", nil).with(
            "provinces", ["KH-20"])
        #expect(try finds([text], sample))
        #expect(try !finds([part], sample))
    }

    // MARK: Anything

    @Test(
        "a word without a letter or a digit is none", arguments: ["", " ", "-", "\u{200B}", "។", "\u{17B4}"])
    func nothing(word: String) throws {
        #expect(SearchWords([word], in: try Reference.provinces()) == nil)
        #expect(SearchWords(["van", word], in: try Reference.provinces()) == nil)
        #expect(SearchWords([], in: try Reference.provinces()) == nil)
    }

    @Test("what can't be read as an alert is searched as the text that it is")
    func unread() throws {
        let provinces = try Reference.provinces()
        let payload = Array(#"{"newer": "White van 2AB-1234"}"#.utf8) + [0xFF, 0xE1, 0x9F]
        #expect(try #require(SearchWords(["van", "2AB1234"], in: provinces)).occur(inUnread: payload))
        #expect(try !#require(SearchWords(["lorry"], in: provinces)).occur(inUnread: payload))
    }

    @Test("any text is searched, for any word, without a trap")
    func extremes() throws {
        let provinces = try Reference.provinces()
        var generator = SystemRandomNumberGenerator()
        let ranges: [ClosedRange<UInt32>] = [
            0...0x24F, 0x1780...0x17FF, 0x1E00...0x206F, 0xFE00...0xFFFF, 0x1F600...0x1F64F,
        ]
        func text(_ count: Int) -> String {
            var scalars = String.UnicodeScalarView()
            while scalars.count < count {
                if let scalar = Unicode.Scalar(
                    UInt32.random(in: ranges[Int.random(in: 0..<5)], using: &generator))
                {
                    scalars.append(scalar)
                }
            }
            return String(scalars)
        }
        for _ in 0..<300 {
            let text = text(Int.random(in: 1...40))
            // A text that is a word is found in itself.
            guard let words = SearchWords([text], in: provinces) else { continue }
            #expect(words.occur(inUnread: Array(text.utf8)), "\(text.unicodeScalars.map(\.value))")
        }
        let marks = String(repeating: "\u{17D2}\u{17C6}\u{17B6}\u{17CA}", count: 20_000)
        #expect(try #require(SearchWords([marks], in: provinces)).occur(inUnread: Array(marks.utf8)))
    }
}
