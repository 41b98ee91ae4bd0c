public import Settings

/// A text of a draft that options give in English, in Khmer or in both.
public struct DraftText: Encodable {
    private var km: String?
    private var en: String?

    /// A text in one language: Khmer where a Khmer letter is in it.
    public init(_ text: String) {
        let isKhmer = text.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) }
        (km, en) = isKhmer ? (text, nil) : (nil, text)
    }

    /// A text in one language or in both; nil where there is none.
    public init?(km: String?, en: String?) {
        guard km != nil || en != nil else { return nil }
        (self.km, self.en) = (km, en)
    }

    /// - option: the one for English, or for Khmer alone; the one for Khmer ends in `-km`. command: for errors.
    /// - Returns: nil where neither is given.
    /// - Throws: where both are Khmer: one of them would have no place.
    public init?(_ option: String, _ values: CommandLineValues, _ command: String) throws(UsageError) {
        let (text, khmer) = (values.string(option), values.string("\(option)-km"))
        let isKhmer = text?.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) } ?? false
        guard text != nil || khmer != nil else { return nil }
        guard !isKhmer || khmer == nil else {
            throw UsageError(
                command: command, cause: "--\(option) is in Khmer, and --\(option)-km is given too",
                remedy: "give the Khmer text once; beside it --\(option) is for English")
        }
        km = khmer ?? (isKhmer ? text : nil)
        en = isKhmer ? nil : text
    }
}
