/// How the name of an identity is written: of a hub, a post, a reader.
public enum IdentityName {
    /// Letters, at most.
    public static let longest = 40
    /// For errors, after the name of what is wrong.
    public static let rule = "must be 1 to \(longest) of a-z, 0-9 and -, not beginning with -"

    /// The first may be no dash, which would read as an option.
    public static func isValid(_ text: String) -> Bool {
        (1...longest).contains(text.utf8.count) && !text.hasPrefix("-") && hasOnlyItsLetters(text.utf8)
    }

    /// Whether all are of `a-z`, `0-9` and `-`.
    @inlinable
    public static func hasOnlyItsLetters(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
