internal import Printable

/// A part of a paragraph.
struct Span {
    var text: String
    var look: Style.Look?
    /// Written by a person: what they typed twice is shown twice, spaces aside.
    static func quoted(_ text: String) -> Span { Span(text: text) }
    /// The program's own words; what it takes from an alert stands in quotation marks.
    static func own(_ text: String, _ look: Style.Look? = nil) -> Span { Span(text: text, look: look) }
}

/// Breaks paragraphs into lines that a terminal does not break once more: what it broke would go on at its edge, where
/// nothing says whose words they are, nor that they are an exercise's.
///
/// Whatever a paragraph holds goes through ``printable(_:atMost:)``; white space of any length is one space. A word that is
/// longer than a line is broken between characters, as Khmer is, which has no spaces between its words.
public struct Layout {
    /// For what is no terminal: the width that most have, and no pager breaks.
    public static let usualColumns = 80
    /// Words get as many at least: of a terminal with less than 26 columns its own breaks can't be kept off.
    static let leastRoom = 10

    /// Lines end one column before the edge, since some terminals move on once the last one is filled.
    let columns: Int
    let width: ColumnWidth
    let style: Style
    /// A word in the margin of each line; nil: none.
    let mark: String?

    /// - first, next: what stands before the first line and the others, behind the margin.
    func lines(_ spans: [Span], first: String = "", next: String) -> [String] {
        let margin = mark.map { style.apply(.inverse, to: $0) + " " } ?? ""
        let marginColumns = mark.map { width.columns(of: $0) + 1 } ?? 0
        var filling = Filling(style: style)
        var lines: [String] = []
        var lead: String { lines.isEmpty ? first : next }
        var room: Int { max(Layout.leastRoom, columns - 1 - marginColumns - width.columns(of: lead)) }
        func end() {
            lines.append(margin + lead + filling.take())
        }
        func put(_ piece: Piece) {
            let columns = piece.columns
            let gap = piece.isApart && filling.used > 0 ? 1 : 0
            if filling.used + gap + columns <= room {
                filling.add(piece.text, columns, piece.look, gap: gap)
            } else if columns <= room {
                end()
                filling.add(piece.text, columns, piece.look, gap: 0)
            } else {
                var gap = gap
                for part in parts(piece.text, atMost: room) {
                    let columns = width.columns(of: part)
                    if filling.used > 0, filling.used + gap + columns > room {
                        end()
                        gap = 0
                    }
                    filling.add(part, columns, piece.look, gap: gap)
                    gap = 0
                }
            }
        }
        for span in spans {
            let isPlain = isPlain(span.text)
            let columns = span.text.utf8.count
            let gap = filling.used > 0 ? 1 : 0
            // As most are: there is room for all of its words at once.
            if isPlain, filling.used + gap + columns <= room {
                filling.add(span.text, columns, span.look, gap: gap)
            } else {
                for piece in isPlain ? plainPieces(span) : pieces(span) { put(piece) }
            }
        }
        if filling.used > 0 || lines.isEmpty { end() }
        return lines
    }

    /// What a reader sees as characters. Of some scripts' letters one can have any length: such a one is no exception.
    private func parts(_ word: String, atMost room: Int) -> [String] {
        word.flatMap { character in
            width.columns(of: String(character)) <= room
                ? [String(character)] : character.unicodeScalars.map { String($0) }
        }
    }

    /// A word, or a part of a Khmer sentence that its writer set apart by a space without width.
    private struct Piece {
        var text: String
        var columns: Int
        var look: Style.Look?
        /// A space stands before it.
        var isApart: Bool
    }

    private func pieces(_ span: Span) -> [Piece] {
        span.text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).flatMap { word in
            word.split(separator: "\u{200B}").enumerated().map { index, part in
                let text = printable(String(part), atMost: .max)
                return Piece(
                    text: text, columns: width.columns(of: text), look: span.look, isApart: index == 0)
            }
        }
    }

    /// Whether a text is ASCII that is shown as it is, with one space between its words and none around them.
    private func isPlain(_ text: String) -> Bool {
        text.utf8Span.span.withUnsafeBufferPointer { bytes in
            var isAfterSpace = true
            for byte in bytes {
                guard byte >= 0x20, byte < 0x7F else { return false }
                let isSpace = byte == 0x20
                if isSpace && isAfterSpace { return false }
                isAfterSpace = isSpace
            }
            return !isAfterSpace
        }
    }

    private func plainPieces(_ span: Span) -> [Piece] {
        span.text.utf8.split(separator: 0x20).map { word in
            Piece(text: String(Substring(word)), columns: word.count, look: span.look, isApart: true)
        }
    }
}

/// A line being filled.
private struct Filling {
    let style: Style
    private(set) var used = 0
    private var done = ""
    /// Words in a row that look alike.
    private var run = ""
    private var look: Style.Look?

    init(style: Style) {
        self.style = style
    }

    mutating func add(_ text: String, _ columns: Int, _ look: Style.Look?, gap: Int) {
        let space = gap > 0 ? " " : ""
        if look == self.look {
            run += space + text
        } else {
            done += style.apply(self.look, to: run) + space
            run = text
            self.look = look
        }
        used += gap + columns
    }

    mutating func take() -> String {
        defer { (used, done, run, look) = (0, "", "", nil) }
        return done + style.apply(look, to: run)
    }
}
