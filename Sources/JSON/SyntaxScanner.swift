/// Finds the place at which a text stops being JSON (RFC 8259). For people who wrote one: the parser only says that it is
/// none. Needs no more memory than one byte for each bracket that is open.
struct SyntaxScanner {
    private enum Expected {
        case value, valueOrEnd, name, nameOrEnd, colon, commaOrEnd, nothing
    }

    private let bytes: [UInt8]
    private var index = 0
    /// The brackets that are open.
    private var open: [UInt8] = []
    private var expected = Expected.value

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The first byte that can't stand where it does; the text's length where it ends too early; nil where there is none.
    static func firstFault(in bytes: [UInt8]) -> Int? {
        do throws(UTF8.ValidationError) { _ = try UTF8Span(validating: bytes.span) } catch {
            return error.byteOffsets.lowerBound
        }
        var scanner = SyntaxScanner(bytes)
        return scanner.firstFault()
    }

    private mutating func firstFault() -> Int? {
        while true {
            while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
            guard index < bytes.count else { return expected == .nothing ? nil : index }
            guard take(bytes[index]) else { return index }
        }
    }

    /// - Returns: false where the byte at the index is the fault.
    private mutating func take(_ byte: UInt8) -> Bool {
        switch (expected, byte) {
        case (.value, _): return takeValue(byte)
        case (.valueOrEnd, _) where byte != UInt8(ascii: "]"): return takeValue(byte)
        case (.name, UInt8(ascii: "\"")), (.nameOrEnd, UInt8(ascii: "\"")):
            expected = .colon
            return takeString()
        case (.colon, UInt8(ascii: ":")):
            expected = .value
        case (.commaOrEnd, UInt8(ascii: ",")):
            expected = open.last == UInt8(ascii: "{") ? .name : .value
        case (.valueOrEnd, UInt8(ascii: "]")), (.nameOrEnd, UInt8(ascii: "}")): close()
        case (.commaOrEnd, UInt8(ascii: "]")) where open.last == UInt8(ascii: "["): close()
        case (.commaOrEnd, UInt8(ascii: "}")) where open.last == UInt8(ascii: "{"): close()
        default:
            return false
        }
        index += 1
        return true
    }

    private mutating func close() {
        open.removeLast()
        valueEnded()
    }

    private mutating func valueEnded() { expected = open.isEmpty ? .nothing : .commaOrEnd }

    private mutating func takeValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            open.append(byte)
            expected = byte == UInt8(ascii: "{") ? .nameOrEnd : .valueOrEnd
            index += 1
            return true
        case UInt8(ascii: "\""):
            valueEnded()
            return takeString()
        case UInt8(ascii: "t"): return takeWord("true")
        case UInt8(ascii: "f"): return takeWord("false")
        case UInt8(ascii: "n"): return takeWord("null")
        default: return takeNumber()
        }
    }

    private mutating func takeWord(_ word: String) -> Bool {
        for letter in word.utf8 {
            guard index < bytes.count, bytes[index] == letter else { return false }
            index += 1
        }
        valueEnded()
        return true
    }

    private mutating func takeString() -> Bool {
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return true
            case 0x00...0x1F: return false
            case UInt8(ascii: "\\"):
                index += 1
                guard index < bytes.count, "\"\\/bfnrtu".utf8.contains(bytes[index]) else { return false }
                let digits = bytes[index] == UInt8(ascii: "u") ? 4 : 0
                index += 1
                for _ in 0..<digits {
                    guard index < bytes.count, isHexDigit(bytes[index]) else { return false }
                    index += 1
                }
            default: index += 1
            }
        }
        return false
    }

    private mutating func takeNumber() -> Bool {
        if peek() == UInt8(ascii: "-") { index += 1 }
        if peek() == UInt8(ascii: "0") {
            index += 1
        } else if !takeDigits() {
            return false
        }
        if peek() == UInt8(ascii: ".") {
            index += 1
            guard takeDigits() else { return false }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            index += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { index += 1 }
            guard takeDigits() else { return false }
        }
        valueEnded()
        return true
    }

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func takeDigits() -> Bool {
        let start = index
        while let digit = peek(), (0x30...0x39).contains(digit) { index += 1 }
        return index > start
    }

    private func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}

extension JSONError {
    /// The reason with the place of the first fault, for whoever wrote the text: `not JSON from line 3, column 9 on`. Columns
    /// count characters as Unicode does (code points); a text of one line has no line number.
    /// - bytes: the text that the error is of.
    public func placed(in bytes: [UInt8]) -> String {
        guard let fault = SyntaxScanner.firstFault(in: bytes) else { return reason }
        guard fault < bytes.count else { return "\(reason): it ends too early" }
        let before = bytes[..<fault]
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // A code point is a byte that continues none.
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        let place = bytes.contains(0x0A) ? "line \(line), column \(column)" : "column \(column)"
        return "\(reason) from \(place) on"
    }
}
