internal import FoundationEssentials
internal import JSON

/// The same text by Foundation's decoder: another reader's view.
struct PlainJSON: Decodable {
    indirect enum Value {
        case null
        case truth(Bool)
        case number
        case integer(Int64)
        case text(String)
        case list([PlainJSON])
        case object([String: PlainJSON])
    }

    let value: Value

    /// nil when Foundation doesn't take it.
    init?(_ bytes: [UInt8]) {
        guard let read = try? JSONDecoder().decode(PlainJSON.self, from: Data(bytes)) else { return nil }
        self = read
    }

    init(from decoder: any Decoder) throws {
        if let fields = try? [String: PlainJSON](from: decoder) {
            value = .object(fields)
        } else if let list = try? [PlainJSON](from: decoder) {
            value = .list(list)
        } else {
            let scalar = try decoder.singleValueContainer()
            if scalar.decodeNil() {
                value = .null
            } else if let truth = try? scalar.decode(Bool.self) {
                value = .truth(truth)
            } else if let text = try? scalar.decode(String.self) {
                value = .text(text)
            } else if let integer = try? scalar.decode(Int64.self) {
                value = .integer(integer)
            } else {
                _ = try scalar.decode(Double.self)
                value = .number
            }
        }
    }

    func text(_ field: String) -> String? {
        if case .object(let fields) = value, case .text(let text)? = fields[field]?.value { return text }
        return nil
    }

    /// Repeated fields are left out: there Foundation keeps one of the two.
    func complaint(about other: JSONValue) -> String? {
        switch value {
        case .object(let fields):
            guard other.isObject else { return "an object is none" }
            guard fields.count == other.fieldCount else { return nil }
            for name in other.fieldNames {
                guard let field = fields[name], let value = other[name] else {
                    return "a field is not there"
                }
                if let complaint = field.complaint(about: value) { return complaint }
            }
            return nil
        case .list(let list):
            guard let elements = other.elements, elements.count == list.count else {
                return "a list is another"
            }
            for (element, value) in zip(list, elements) {
                if let complaint = element.complaint(about: value) { return complaint }
            }
            return nil
        case .text(let text):
            guard let same = other.string, same.utf8.elementsEqual(text.utf8) else {
                return "a text is another"
            }
            return nil
        case .integer(let integer):
            // 1.0 and 1e2 are whole to Foundation.
            guard let same = other.integer else { return other.string == nil ? nil : "a number is a text" }
            return same == integer ? nil : "a number is another"
        case .null, .truth, .number:
            return other.isObject || other.string != nil || other.elements != nil ? "a value is another" : nil
        }
    }
}
