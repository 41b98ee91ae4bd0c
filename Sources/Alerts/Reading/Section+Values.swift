internal import JSON

/// Fields with a rule of their own.
extension Section {
    /// A word of a code list.
    /// - refusal: words that deserve their own sentence.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ field: String, _ list: Word.Type, required: Bool = false,
        refusal: (String) -> String? = { _ in nil }
    ) -> Word? where Word.RawValue == String {
        guard let value = ask(field, required: required) else { return nil }
        // The text itself is needed only where it is none of them.
        if let word = list.allCases.first(where: { value.isString($0.rawValue) }) { return word }
        guard let text = string(value, field) else { return nil }
        let words = Word.allCases.map(\.rawValue)
        report(
            field,
            refusal(text)
                ?? "not one of \(words.joined(separator: ", "))"
                + findings.suggestion(for: text, among: words))
        return nil
    }

    /// Words of a code list, each once; reported and left out are those that are none.
    mutating func words<Word: RawRepresentable & CaseIterable & Hashable>(
        _ field: String, _ list: Word.Type
    ) -> [Word] where Word.RawValue == String {
        let texts = strings(field, atMost: Word.allCases.count) ?? []
        let known = Word.allCases.map(\.rawValue)
        var words: [Word] = []
        for (index, text) in texts.prefix(Word.allCases.count).enumerated() {
            guard let word = Word(rawValue: text) else {
                report(
                    "\(field)[\(index)]",
                    "not one of \(known.joined(separator: ", "))"
                        + findings.suggestion(for: text, among: known))
                continue
            }
            if words.contains(word) { report("\(field)[\(index)]", "given twice") }
            words.append(word)
        }
        return words
    }

    mutating func truth(_ field: String) -> Bool? {
        guard let value = ask(field) else { return nil }
        if let truth = value.truth { return truth }
        report(field, "not true or false")
        return nil
    }

    mutating func timestamp(_ field: String, required: Bool = false) -> Timestamp? {
        guard let text = string(field, required: required) else { return nil }
        if let timestamp = Timestamp(rfc3339: text) { return timestamp }
        report(field, "not a time such as 2026-11-24T06:30:00+07:00")
        return nil
    }

    /// A text that people wrote (``TextRules``).
    /// - lines: whether it may have several lines.
    mutating func freeText(
        _ field: String, atMost most: Int, lines: Bool = false, required: Bool = false
    ) -> String? {
        guard let text = string(field, required: required) else { return nil }
        return check(text, field, atMost: most, lines: lines) == nil ? nil : text
    }

    /// Reports what is wrong with a text; nil when anything is.
    func check(_ text: String, _ field: String, atMost most: Int, lines: Bool = false) -> TextRules? {
        let rules = TextRules(text, lines: lines)
        let before = findings.count
        if rules.isBlank { report(field, "empty") }
        if rules.characters > most { report(field, "\(rules.characters) characters, at most \(most)") }
        if rules.hasControl { report(field, "a control character in it") }
        if rules.hasTurn { report(field, "a character in it that turns the writing direction") }
        guard findings.screens else { return findings.count == before ? rules : nil }
        if rules.hasNumber {
            report(
                field,
                "a number in it that looks like a telephone or document number; only suspect.documents takes one"
            )
        }
        if rules.hasAt { report(field, "an @ in it, as in an address, which no field takes") }
        if NameLookout.finds(in: text, places: findings.places) {
            report(
                field,
                "perhaps a name beside a word for a victim; persons at risk are counted in atRisk and never named. "
                    + "Of a place say at, in or from before it; write other words without a capital")
        }
        return findings.count == before ? rules : nil
    }

    /// A text of ASCII characters out of a set.
    mutating func code(
        _ field: String, length: ClosedRange<Int>, _ wanted: @autoclosure () -> String,
        required: Bool = false, _ isAllowed: (UInt8) -> Bool
    ) -> String? {
        guard let text = string(field, required: required) else { return nil }
        guard length.contains(text.utf8.count), text.utf8.allSatisfy(isAllowed) else {
            report(field, "not \(wanted())")
            return nil
        }
        return text
    }

    mutating func country(_ field: String, required: Bool = false) -> String? {
        code(field, length: 2...2, "a country's code of two capital letters, such as KH", required: required)
        {
            (0x41...0x5A).contains($0)
        }
    }

    /// An object with a text in Khmer, in English, or both.
    /// - draft: a plain text will do; it is Khmer when a Khmer letter is in it.
    mutating func text(
        _ field: String, atMost most: Int, lines: Bool = false, required: Bool = false, draft: Bool
    ) -> Text? {
        if draft, let plain = plainString(field) {
            guard let rules = check(plain, field, atMost: most, lines: lines) else { return nil }
            return rules.hasKhmer ? Text(km: plain, en: nil) : Text(km: nil, en: plain)
        }
        guard var texts = section(field, required: required) else { return nil }
        let km = texts.language("km", atMost: most, lines: lines, "Khmer", \.hasKhmer)
        let en = texts.language("en", atMost: most, lines: lines, "Latin", \.hasLatin)
        if km == nil, en == nil, !texts.has("km"), !texts.has("en") {
            report(field, "neither km nor en in it")
        }
        texts.end()
        return Text(km: km, en: en)
    }

    private mutating func language(
        _ field: String, atMost most: Int, lines: Bool, _ script: String,
        _ isWritten: KeyPath<TextRules, Bool>
    ) -> String? {
        guard let text = string(field) else { return nil }
        guard let rules = check(text, field, atMost: most, lines: lines) else { return nil }
        if !rules[keyPath: isWritten] { report(field, "no \(script) letter in it") }
        return text
    }
}
