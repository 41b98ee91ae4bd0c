internal import Notation

/// The document of another system that an alert was made of. Nothing that a person wrote is in it: who sent the document, as a
/// domain, and a digest by which whoever has the document finds out that it was this one.
public struct Source: Sendable, Hashable {
    /// Bytes of a digest.
    public static let digestLength = 16
    /// Characters of a sender.
    public static let longestSender = 80
    /// Digits of a sender in a row from which it looks like a telephone number.
    static let digitsInARow = 7

    /// A domain or a URN: of `a-z`, `0-9`, `-`, `.` and `:`, with a letter first.
    public let sender: String
    /// In hexadecimal digits, lower case.
    public let digest: String

    /// nil where either is not what it must be.
    public init?(sender: String, digest: String) {
        guard Source.isSender(sender), Source.isDigest(digest) else { return nil }
        self.sender = sender
        self.digest = digest
    }

    /// Reads ``text``.
    public init?(text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        self.init(sender: parts[0], digest: parts[1])
    }

    /// Both in one word after the other.
    public var text: String { "\(sender) \(digest)" }

    static func isSender(_ text: String) -> Bool {
        var row = 0
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= longestSender
        else { return false }
        return text.utf8.allSatisfy { byte in
            row = (0x30...0x39).contains(byte) ? row + 1 : 0
            guard row < digitsInARow else { return false }
            switch byte {
            case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"):
                return true
            default: return false
            }
        }
    }

    static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 2 * digestLength && text.isLowerCaseHex
    }
}
