/// Looks for what is perhaps a name beside a word for a victim.
///
/// A program can't tell a name from another word. Taken for one is, within ``reach`` words of the victim's word and in the
/// same sentence:
///
/// - two or more words in a row that begin with a capital, or one directly beside it that doesn't begin the sentence;
/// - in Khmer, the word for "named", or two short words set apart by spaces, as a surname and a given name are.
///
/// Places are let through: what the directory of provinces and crossings knows, and what follows `at`, `in`, `from` and the
/// like. So are nationalities, makes, months and the like (``ordinary``). A name in lower case, a single one that begins the
/// sentence, one behind a preposition, or one further away is not found.
struct NameLookout {
    /// Words between the victim's and the name, at most.
    static let reach = 4
    /// Khmer characters between the victim's word and the one for "named", at most.
    static let khmerReach = 40
    /// Khmer characters of a name's part, at most.
    static let khmerName = 9

    /// Beginnings of words; all in lower case.
    static let victims = [
        "victim", "survivor", "rescued", "girl", "boy", "child", "daughter", "minor", "baby", "babies",
        "infant",
    ]
    static let khmerVictims = [
        "រងគ្រោះ", "ក្មេងស្រី", "ក្មេងប្រុស", "កុមារី", "កុមារា", "កុមារ", "កូនស្រី", "កូនប្រុស", "អនីតិជន", "ទារក",
    ]
    /// The letters that one of ``victims`` begins with, a bit each, from `a` on.
    private static let firstLetters = victims.reduce(UInt32(0)) { letters, word in
        word.utf8.first.map { letters | 1 << UInt32($0 - UInt8(ascii: "a")) } ?? letters
    }
    private static let named = "ឈ្មោះ"
    /// Numbers, and words that count persons or go on with the sentence.
    private static let khmerOrdinary: Set<String> = [
        "មួយ", "ពីរ", "បី", "បួន", "ប្រាំ", "នាក់", "ជាច្រើន", "ខ្លះ", "អាយុ", "ឆ្នាំ", "នៅ", "ពី", "ត្រូវ", "មាន", "ដែល", "និង", "ឬ",
        "គឺ",
        "ស្រី", "ប្រុស", "ម្នាក់",
    ]
    private static let prepositions: Set<String> = [
        "at", "in", "from", "near", "to", "towards", "toward", "into", "via", "between", "through", "outside",
        "inside", "off", "around", "beside", "along", "behind", "past", "beyond", "over", "across", "by",
    ]
    /// Words with a capital that are no person's.
    private static let ordinary: Set<String> = [
        "cambodia", "cambodian", "cambodians", "khmer", "thailand", "thai", "thais", "vietnam", "viet", "nam",
        "vietnamese", "laos", "lao", "laotian", "china", "chinese", "myanmar", "burma", "burmese", "malaysia",
        "malaysian", "asia", "asian", "asean", "english", "french", "korean", "indian", "monday", "tuesday",
        "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april",
        "may",
        "june", "july", "august", "september", "october", "november", "december", "toyota", "honda",
        "hyundai",
        "lexus", "isuzu", "ford", "suzuki", "yamaha", "kia", "mazda", "nissan", "mitsubishi", "police",
        "ministry",
        "hospital", "border", "post", "road", "national", "river", "pier", "market", "hotel", "port",
        "province",
        "district", "commune", "village", "town", "city", "island", "school", "airport", "bridge", "gulf",
        "mekong",
        "i", "he", "she", "they", "the", "a", "an", "one", "two", "three", "no", "and", "or", "exercise",
        "test",
        "update", "ended", "gps", "ngo", "id", "suv", "km",
    ]

    private struct Word {
        var text: Substring
        var folded: String
        var isCapital: Bool
        var beginsSentence: Bool
        var isVictim: Bool
        var sentence: Int
    }

    /// - places: whose provinces and crossings are no persons.
    static func finds(in text: String, places: ProvinceDirectory) -> Bool {
        let mentions = mentions(text)
        return mentions.latin && findsLatin(in: text, places)
            || mentions.khmer && khmerVictims.contains { findsKhmer($0, in: text) }
    }

    static func mentionsVictim(_ text: String) -> Bool {
        let mentions = mentions(text)
        return mentions.latin || mentions.khmer
    }

    /// A look that most texts end with: whether a victim's word is in it.
    private static func mentions(_ text: String) -> (latin: Bool, khmer: Bool) {
        text.utf8Span.span.withUnsafeBufferPointer { bytes in
            (isASCII(bytes) ? mentionsLatin(bytes) : nil) ?? mentions(bytes)
        }
    }

    private static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        EightBytes.each(of: UnsafeRawBufferPointer(bytes)) { eight, _ in eight.isASCII } ?? false
    }

    /// - Returns: nil for a text of fewer than eight bytes.
    private static func mentionsLatin(_ bytes: UnsafeBufferPointer<UInt8>) -> (latin: Bool, khmer: Bool)? {
        let isMissing = EightBytes.each(of: UnsafeRawBufferPointer(bytes)) { eight, place in
            let letters = eight.lowercased.within(UInt8(ascii: "a"), UInt8(ascii: "z"))
            let isAfterLetter = place > 0 && isLetter(bytes[place - 1])
            // A word's first letter has none before it; the bytes before it are the lower ones.
            var starts = letters & ~(letters << 8 | (isAfterLetter ? 0x80 : 0))
            while starts != 0 {
                let index = place + starts.trailingZeroBitCount / 8
                starts &= starts - 1
                let letter = (bytes[index] | 0x20) &- UInt8(ascii: "a")
                if firstLetters >> UInt32(letter) & 1 == 1,
                    victims.contains(where: { begins($0, at: index, in: bytes, fold: 0x20) })
                {
                    return false
                }
            }
            return true
        }
        return isMissing.map { (latin: !$0, khmer: false) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    /// The same of whatever text, byte by byte.
    private static func mentions(_ bytes: UnsafeBufferPointer<UInt8>) -> (latin: Bool, khmer: Bool) {
        var found = (latin: false, khmer: false)
        let firstLetters = firstLetters
        var isInWord = false
        for index in bytes.indices {
            let byte = bytes[index]
            // From 0 for `a`, of either case; above 25 for what is no letter.
            let letter = (byte | 0x20) &- UInt8(ascii: "a")
            if letter < 26 {
                if !isInWord, firstLetters >> UInt32(letter) & 1 == 1, !found.latin {
                    found.latin = victims.contains { begins($0, at: index, in: bytes, fold: 0x20) }
                }
                isInWord = true
                continue
            }
            isInWord = false
            // The third byte of the letters that Khmer victims' words begin with.
            guard byte == 0xE1, index + 2 < bytes.count, !found.khmer else { continue }
            switch bytes[index + 2] {
            case 0x80, 0x91, 0x9A, 0xA2:
                found.khmer = khmerVictims.contains { begins($0, at: index, in: bytes, fold: 0) }
            default: continue
            }
        }
        return found
    }

    private static func begins(
        _ word: String, at start: Int, in bytes: UnsafeBufferPointer<UInt8>, fold: UInt8
    ) -> Bool {
        guard start + word.utf8.count <= bytes.count else { return false }
        var place = start
        for letter in word.utf8 {
            guard bytes[place] | fold == letter else { return false }
            place += 1
        }
        return true
    }

    // MARK: Latin letters

    private static func findsLatin(in text: String, _ places: ProvinceDirectory) -> Bool {
        let words = words(of: text)
        let victims = words.indices.filter { words[$0].isVictim }
        var index = 0
        while index < words.count {
            guard words[index].isCapital, !words[index].isVictim else {
                index += 1
                continue
            }
            var end = index + 1
            while end < words.count, words[end].isCapital, !words[end].isVictim,
                words[end].sentence == words[index].sentence
            {
                end += 1
            }
            let run = index..<end
            index = end
            guard
                let distance = victims.filter({ words[$0].sentence == words[run.lowerBound].sentence }).map({
                    $0 < run.lowerBound ? run.lowerBound - $0 - 1 : $0 - run.upperBound
                }).min(), distance <= reach
            else { continue }
            if isName(run, in: words, distance: distance, places) { return true }
        }
        return false
    }

    private static func isName(
        _ run: Range<Int>, in words: [Word], distance: Int, _ places: ProvinceDirectory
    ) -> Bool {
        let first = words[run.lowerBound]
        if run.lowerBound > 0, words[run.lowerBound - 1].sentence == first.sentence,
            prepositions.contains(words[run.lowerBound - 1].folded)
        {
            return false
        }
        let own = run.filter { !ordinary.contains(words[$0].folded) }
        if own.isEmpty || isPlace(words[run].map(\.text).joined(separator: " "), places) { return false }
        if own.count >= 2 { return !isPlace(own.map { words[$0].text }.joined(separator: " "), places) }
        guard let only = own.first.map({ words[$0] }) else { return false }
        return distance == 0 && !only.beginsSentence && !isPlace(String(only.text), places)
    }

    private static func isPlace(_ words: String, _ places: ProvinceDirectory) -> Bool {
        places.find(words) != nil || places.isAtCrossing(words)
    }

    private static func words(of text: String) -> [Word] {
        var words: [Word] = []
        var sentence = 0
        var beginsSentence = true
        var start: String.Index?
        let scalars = text.unicodeScalars
        func end(_ place: String.Index) {
            guard let first = start else { return }
            start = nil
            let word = text[first..<place]
            let folded = word.lowercased()
            words.append(
                Word(
                    text: word, folded: folded,
                    isCapital: word.unicodeScalars.first?.properties.isUppercase ?? false,
                    beginsSentence: beginsSentence, isVictim: victims.contains { folded.hasPrefix($0) },
                    sentence: sentence))
            beginsSentence = false
        }
        for place in scalars.indices {
            let scalar = scalars[place]
            if scalar.properties.isAlphabetic && !(0x1780...0x17FF).contains(scalar.value) || scalar == "'"
                || scalar == "’"
            {
                if start == nil { start = place }
                continue
            }
            end(place)
            if scalar == "." || scalar == "!" || scalar == "?" || scalar == "\n" || scalar == "។" {
                sentence += 1
                beginsSentence = true
            }
        }
        end(scalars.endIndex)
        return words
    }

    // MARK: Khmer

    private static func findsKhmer(_ victim: String, in text: String) -> Bool {
        for found in text.ranges(of: victim) {
            let after = text[found.upperBound...].unicodeScalars.prefix(khmerReach)
            let before = text[..<found.lowerBound].unicodeScalars.suffix(khmerReach)
            if String(after).contains(named) || String(before).contains(named) { return true }
            // A sentence's first words, set apart: two in a row that are as short as names.
            let parts = after.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "\u{A0}" }.map {
                String($0)
            }
            guard parts.count >= 3, parts[0].isEmpty else { continue }
            if isShortKhmer(parts[1]), isShortKhmer(parts[2]) { return true }
        }
        return false
    }

    private static func isShortKhmer(_ text: String) -> Bool {
        let scalars = text.unicodeScalars.filter { $0.value != 0x200B }
        return (1...khmerName).contains(scalars.count)
            && scalars.allSatisfy { (0x1780...0x17D3).contains($0.value) }
            && !khmerOrdinary.contains(String(String.UnicodeScalarView(scalars)))
    }
}
