internal import CXML2

extension XMLElement {
    /// Reads a document of others: UTF-8, without a document type, so that there are no entities but XML's own five, and
    /// nothing is ever fetched.
    /// - Returns: the root element.
    public static func read(_ bytes: [UInt8], within bounds: XMLBounds) throws(XMLError) -> XMLElement {
        guard bytes.count <= bounds.bytes else {
            throw XMLError(reason: "\(bytes.count) bytes, at most \(bounds.bytes)")
        }
        guard !bytes.isEmpty else { throw XMLError(reason: "empty") }
        // A zero byte is in no text of XML, and in every one of UTF-16 and UTF-32.
        guard !bytes.contains(0), isUTF8(bytes) else { throw XMLError(reason: "not UTF-8") }
        let builder = Builder(bounds)
        let result = builder.read(bytes)
        switch result.verdict {
        case CXML_WHOLE:
            guard let root = builder.root else { throw XMLError(reason: "no element in it") }
            return root
        case CXML_DOCTYPE:
            throw XMLError(reason: "a document type declaration in it, which is never read")
        case CXML_ENCODING: throw XMLError(reason: "declared in another encoding than UTF-8")
        case CXML_STOPPED: throw XMLError(reason: builder.objection ?? "too large")
        case CXML_MEMORY: throw XMLError(reason: "no memory to read it")
        default:
            throw XMLError(
                reason: "line \(result.line): not well-formed XML (libxml2's error \(result.code))")
        }
    }
}

private func isUTF8(_ bytes: [UInt8]) -> Bool {
    do throws(UTF8.ValidationError) {
        _ = try UTF8Span(validating: bytes.span)
        return true
    } catch { return false }
}

/// Puts elements together as they are told of. Lives as long as one reading, on one thread.
private final class Builder {
    private let bounds: XMLBounds
    private(set) var root: XMLElement?
    private(set) var objection: String?
    /// The elements that are open, the innermost last, with the text that each has so far.
    private var open: [(element: XMLElement, text: [UInt8])] = []
    private var elements = 0
    private var attributes = 0

    init(_ bounds: XMLBounds) { self.bounds = bounds }

    func read(_ bytes: [UInt8]) -> cxml_result {
        var events = cxml_events(
            context: Unmanaged.passUnretained(self).toOpaque(),
            start: { context, name, space, line in
                Builder.of(context).start(Builder.text(name), Builder.text(space), Int(line))
            },
            attribute: { context, name, space in
                Builder.of(context).attribute(Builder.text(name), Builder.text(space))
            },
            text: { context, bytes, length in Builder.of(context).text(Builder.bytes(bytes, length)) },
            end: { context in Builder.of(context).end() })
        return bytes.withUnsafeBytes { buffer in
            cxml_read(buffer.bindMemory(to: CChar.self).baseAddress, Int32(clamping: buffer.count), &events)
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Builder {
        guard let context else { preconditionFailure("libxml2 has lost what it was given") }
        return Unmanaged<Builder>.fromOpaque(context).takeUnretainedValue()
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }

    private static func bytes(_ pointer: UnsafePointer<CChar>?, _ length: Int32) -> [UInt8] {
        guard let pointer, length > 0 else { return [] }
        return UnsafeRawBufferPointer(start: pointer, count: Int(length)).map { $0 }
    }

    /// - Returns: 0, and the reading ends.
    private func object(_ reason: String) -> Int32 {
        objection = reason
        return 0
    }

    private func start(_ name: String, _ namespace: String, _ line: Int) -> Int32 {
        elements += 1
        guard elements <= bounds.elements else { return object("more than \(bounds.elements) elements") }
        guard open.count < bounds.depth else {
            return object("line \(line): elements more than \(bounds.depth) deep")
        }
        open.append((XMLElement(name: name, namespace: namespace, line: line), []))
        return 1
    }

    private func attribute(_ name: String, _ namespace: String) -> Int32 {
        attributes += 1
        guard attributes <= bounds.attributes else {
            return object("more than \(bounds.attributes) attributes")
        }
        guard !open.isEmpty else { return 1 }
        open[open.count - 1].element.attributes.append(
            XMLElement.Attribute(name: name, namespace: namespace))
        return 1
    }

    private func text(_ bytes: [UInt8]) -> Int32 {
        if !open.isEmpty { open[open.count - 1].text += bytes }
        return 1
    }

    private func end() -> Int32 {
        guard let last = open.popLast() else { return 1 }
        var element = last.element
        element.text = String(decoding: last.text, as: UTF8.self)
        if open.isEmpty { root = element } else { open[open.count - 1].element.children.append(element) }
        return 1
    }
}
