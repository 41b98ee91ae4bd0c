internal import CXML2

/// Writes one document, element after element, in UTF-8 and indented. Texts are escaped as they are put; what XML 1.0 has no
/// place for (control characters, U+FFFE, U+FFFF) is left out of them.
public struct XMLWriter: ~Copyable {
    private let buffer: xmlBufferPtr?
    private let writer: xmlTextWriterPtr?
    private var isSound: Bool

    public init() {
        buffer = xmlBufferCreate()
        writer = buffer.flatMap { xmlNewTextWriterMemory($0, 0) }
        isSound = writer != nil
        guard isSound else { return }
        note(xmlTextWriterSetIndent(writer, 1))
        note(xmlTextWriterStartDocument(writer, "1.0", "UTF-8", nil))
    }

    deinit {
        if let writer { xmlFreeTextWriter(writer) }
        if let buffer { xmlBufferFree(buffer) }
    }

    /// An element, and what is put within.
    /// - namespace: of it and of all within that name none; nil: that of the element around it.
    public mutating func element(
        _ name: String, namespace: String? = nil, _ content: (inout XMLWriter) -> Void
    ) {
        guard isSound else { return }
        note(xmlTextWriterStartElement(writer, name))
        if let namespace { note(xmlTextWriterWriteAttribute(writer, "xmlns", namespace)) }
        content(&self)
        note(xmlTextWriterEndElement(writer))
    }

    /// An element with a text; nothing for nil.
    public mutating func put(_ name: String, _ text: String?) {
        guard isSound, let text else { return }
        note(xmlTextWriterStartElement(writer, name))
        note(xmlTextWriterWriteString(writer, XMLWriter.writable(text)))
        note(xmlTextWriterEndElement(writer))
    }

    /// The document as far as it is put, whole once the root element is. The last call.
    public mutating func finish() throws(XMLError) -> [UInt8] {
        if isSound { note(xmlTextWriterEndDocument(writer)) }
        if isSound { note(xmlTextWriterFlush(writer)) }
        guard isSound, let buffer, let content = xmlBufferContent(buffer) else {
            throw XMLError(reason: "no memory to write it")
        }
        return Array(UnsafeBufferPointer(start: content, count: Int(xmlBufferLength(buffer))))
    }

    private mutating func note(_ result: Int32) {
        if result < 0 { isSound = false }
    }

    private static func writable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { !isWritable($0) }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter(isWritable)))
    }

    /// Char of XML 1.0, section 2.2; surrogates are no scalars.
    private static func isWritable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: true
        case 0x00...0x1F, 0xFFFE, 0xFFFF: false
        default: true
        }
    }
}
