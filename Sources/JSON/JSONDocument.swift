internal import CSimdJSON

/// A parsed JSON text (RFC 8259), as a value of its own: nothing of the parser's is kept.
///
/// For the one place where alerts by the ten thousand are read each second, and where repeated and unknown fields must be
/// seen: Foundation's decoder takes four times as long, keeps one of two fields of a name, and doesn't say which.
public final class JSONDocument: Sendable {
    let values: [csimdjson_value]
    let text: [UInt8]

    /// - Throws: ``JSONError`` for anything that is no JSON text in UTF-8. Whatever the bytes, it ends.
    /// - values: most values taken, names of fields counted too; a text with more is refused, at no more cost than one with
    ///   just as many.
    public init(_ bytes: [UInt8], values most: Int = .max) throws(JSONError) {
        var document = csimdjson_document()
        let problem = bytes.withUnsafeBufferPointer {
            // An empty array may have no address.
            csimdjson_parse($0.baseAddress, $0.count, most, &document)
        }
        if let problem { throw JSONError(String(cString: problem)) }
        values = Array(UnsafeBufferPointer(start: document.values, count: document.count))
        text = Array(UnsafeBufferPointer(start: document.text, count: document.length))
    }

    public var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// Why a text is not taken: `not JSON`, `not UTF-8`, `empty`, `too many values`. Never a part of the text itself.
public struct JSONError: Error, Sendable, Equatable {
    public let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// One value of a document. Cheap to copy.
public struct JSONValue: Sendable {
    fileprivate let document: JSONDocument
    fileprivate let index: Int

    private var value: csimdjson_value { document.values[index] }

    fileprivate init(document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    public var isObject: Bool { value.kind == CSIMDJSON_OBJECT.rawValue }

    /// nil when it is no string.
    public var string: String? {
        let value = value
        guard value.kind == CSIMDJSON_STRING.rawValue else { return nil }
        return document.string(value)
    }

    /// Whether it is the string of exactly these bytes.
    public func isString(_ text: String) -> Bool {
        let value = value
        return value.kind == CSIMDJSON_STRING.rawValue && document.equals(value, text.utf8Span.span)
    }

    /// nil when it is no number, or not a whole one that fits.
    public var integer: Int? {
        let value = value
        return value.kind == CSIMDJSON_INTEGER.rawValue ? Int(value.number) : nil
    }

    /// nil when it is neither true nor false.
    public var truth: Bool? {
        switch value.kind {
        case CSIMDJSON_TRUE.rawValue: true
        case CSIMDJSON_FALSE.rawValue: false
        default: nil
        }
    }

    /// nil when it is no array.
    public var elements: [JSONValue]? {
        let value = value
        guard value.kind == CSIMDJSON_ARRAY.rawValue else { return nil }
        var elements: [JSONValue] = []
        elements.reserveCapacity(Int(value.count))
        var index = index + 1
        while index < Int(value.next) {
            elements.append(JSONValue(document: document, index: index))
            index = Int(document.values[index].next)
        }
        return elements
    }

    /// The first field of this name; nil when there is none, or when it is no object.
    public subscript(name: String) -> JSONValue? { field(name)?.value }

    /// The same with its place among the object's fields.
    public func field(_ name: String) -> (place: Int, value: JSONValue)? {
        let value = value
        guard value.kind == CSIMDJSON_OBJECT.rawValue else { return nil }
        let wanted = name.utf8Span.span
        return document.values.withUnsafeBufferPointer { values in
            var index = index + 1
            var place = 0
            while index < Int(value.next) {
                if Int(values[index].count) == wanted.count, document.equals(values[index], wanted) {
                    return (place, JSONValue(document: document, index: index + 1))
                }
                index = Int(values[index + 1].next)
                place += 1
            }
            return nil
        }
    }

    /// Fields of an object, a repeated one counted each time; 0 when it is no object.
    public var fieldCount: Int { isObject ? Int(value.count) : 0 }

    /// Names of an object's fields in the order of the text, a repeated one each time.
    public var fieldNames: [String] {
        let value = value
        guard value.kind == CSIMDJSON_OBJECT.rawValue else { return [] }
        var names: [String] = []
        var index = index + 1
        while index < Int(value.next) {
            names.append(document.string(document.values[index]))
            index = Int(document.values[index + 1].next)
        }
        return names
    }
}

extension JSONDocument {
    /// Whether a number anywhere in the text has a fraction or an exponent, `1.0` and `1e2` too.
    public var hasFraction: Bool { values.contains { $0.kind == CSIMDJSON_NUMBER.rawValue } }

    /// Whether an object anywhere in the text has two fields of one name, however its letters are escaped.
    public var hasRepeatedField: Bool {
        values.indices.contains { values[$0].kind == CSIMDJSON_OBJECT.rawValue && repeatsField($0) }
    }

    private func repeatsField(_ object: Int) -> Bool {
        var names: [ArraySlice<UInt8>] = []
        names.reserveCapacity(Int(values[object].count))
        var index = object + 1
        while index < Int(values[object].next) {
            let start = Int(values[index].start)
            names.append(text[start..<start + Int(values[index].count)])
            index = Int(values[index + 1].next)
        }
        // Few are compared sooner than hashed; of many a set is sure to end.
        guard names.count <= 16 else { return Set(names).count < names.count }
        return names.indices.contains { names[..<$0].contains(names[$0]) }
    }

    /// The parser has checked that it is UTF-8.
    fileprivate func string(_ value: csimdjson_value) -> String {
        String(decoding: text[Int(value.start)..<Int(value.start) + Int(value.count)], as: UTF8.self)
    }

    fileprivate func equals(_ string: csimdjson_value, _ wanted: Span<UInt8>) -> Bool {
        guard wanted.count == Int(string.count) else { return false }
        let start = Int(string.start)
        return text.withUnsafeBufferPointer { text in
            for index in wanted.indices where text[start + index] != wanted[index] { return false }
            return true
        }
    }
}
