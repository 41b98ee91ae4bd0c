/// Columns that a terminal may need for a text, at most.
///
/// Terminals disagree: about the letters that are wide in East Asia, about emoji, about marks, and each about other
/// editions of Unicode. A line that is broken too late begins anew at the terminal's edge, without its margin; one that is
/// broken too early is merely short. So this is an upper bound where wcwidth(3) would be one terminal's word: ASCII and the
/// scripts of Cambodia and its neighbours take one column for each character, all others two.
public struct ColumnWidth: Sendable {
    /// Whether a mark is drawn on its letter. The Linux console draws each in a column of its own.
    public var composesMarks: Bool

    public init(composesMarks: Bool = true) {
        self.composesMarks = composesMarks
    }

    public func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case ..<0x80: 1
        // Thai, Lao; Burmese; Khmer.
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF: composesMarks && isMark(scalar) ? 0 : 1
        default: 2
        }
    }

    public func columns(of text: String) -> Int {
        // Most words are ASCII.
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
    }
}
