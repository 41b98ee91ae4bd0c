/// References to persons at risk: `R-`, nine random characters and a check character. A program makes them, so that nobody
/// is tempted to put a name, an age or a place into one; in letters without vowels hardly anything can be read.
///
/// The alphabet has 29 characters, a prime: with the position as weight any single wrong character and any two exchanged
/// neighbours are found (the NOID check digit algorithm, as of ARK identifiers). Who wants to can compute the check
/// character of a text of their own: it keeps out carelessness, not malice.
public enum PersonReference {
    static let prefix = "R-"
    static let alphabet = Array("0123456789BCDFGHJKMNPQRSTVWXZ".utf8)
    /// Random characters: 43 bits.
    static let length = 9

    /// A new one.
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return make(using: &generator)
    }

    static func make(using generator: inout some RandomNumberGenerator) -> String {
        let values = (0..<length).map { _ in Int.random(in: 0..<alphabet.count, using: &generator) }
        return prefix + String(decoding: (values + [check(values)]).map { alphabet[$0] }, as: UTF8.self)
    }

    static func isOne(_ text: String) -> Bool {
        guard text.utf8.count == prefix.utf8.count + length + 1, text.utf8.starts(with: prefix.utf8) else {
            return false
        }
        let values = text.utf8.dropFirst(prefix.utf8.count).compactMap { alphabet.firstIndex(of: $0) }
        return values.count == length + 1 && check(Array(values.dropLast())) == values.last
    }

    private static func check(_ values: [Int]) -> Int {
        values.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element } % alphabet.count
    }
}
