/// Writes one JSON text (RFC 8259), member after member, in the order in which they are put: no white space, slashes as they
/// are, only what must be escaped is.
///
/// For alerts alone, which a post writes by the thousand: Foundation's encoder builds a dictionary for each object and sorts
/// it, and took a third of the instructions of `publish`.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    /// Whether the next member or element follows another one.
    private var follows = false

    public init() { bytes.reserveCapacity(1_024) }

    /// An object, as the text or as an element of a list.
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        separate()
        enclosed(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    /// A member that is an object.
    public mutating func put(_ name: StaticString, _ members: (inout JSONWriter) -> Void) {
        putName(name)
        enclosed(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    /// A member that is a list; nothing for an empty one.
    public mutating func put<Element>(
        _ name: StaticString, _ list: [Element], _ element: (inout JSONWriter, Element) -> Void
    ) {
        guard !list.isEmpty else { return }
        putName(name)
        enclosed(UInt8(ascii: "["), UInt8(ascii: "]")) { writer in
            for each in list { element(&writer, each) }
        }
    }

    /// A member that is a text; nothing for nil.
    public mutating func put(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        putName(name)
        append(text)
    }

    /// A member that is a list of texts; nothing for an empty one.
    public mutating func put(_ name: StaticString, _ texts: [String]) {
        put(name, texts) { writer, text in
            writer.separate()
            writer.append(text)
        }
    }

    /// A member that is a number; nothing for nil.
    public mutating func put(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        putName(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    /// A member that is true or false.
    public mutating func put(_ name: StaticString, _ truth: Bool) {
        putName(name)
        bytes.append(contentsOf: (truth ? "true" : "false").utf8)
    }

    private mutating func separate() {
        if follows { bytes.append(UInt8(ascii: ",")) }
        follows = true
    }

    private mutating func putName(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func enclosed(_ open: UInt8, _ close: UInt8, _ content: (inout JSONWriter) -> Void) {
        bytes.append(open)
        follows = false
        content(&self)
        bytes.append(close)
        follows = true
    }

    private mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            if utf8.contains(where: JSONWriter.mustBeEscaped) {
                for byte in utf8 { appendEscaped(byte) }
            } else {
                bytes.append(contentsOf: utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        guard JSONWriter.mustBeEscaped(byte) else { return bytes.append(byte) }
        let short: Unicode.Scalar? =
            switch byte {
            case 0x08: "b"
            case 0x09: "t"
            case 0x0A: "n"
            case 0x0C: "f"
            case 0x0D: "r"
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): Unicode.Scalar(byte)
            default: nil
            }
        bytes.append(UInt8(ascii: "\\"))
        if let short { return bytes.append(UInt8(ascii: short)) }
        let digits = String(byte, radix: 16)
        bytes.append(contentsOf: ("u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
    }
}
