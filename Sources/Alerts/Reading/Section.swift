import FoundationEssentials

/// What was found while an alert was read. Lives as long as one reading, on one thread.
final class Findings {
    var problems: [InvalidAlert.Problem] = []
    /// Fields taken, in all objects of the alert. When as many are written there, none is unknown or repeated.
    var taken = 0
    /// Whether to look for unknown fields, which takes as long as all the rest: only where ``taken`` doesn't add up.
    let looksForUnknown: Bool

    init(lookingForUnknown: Bool) {
        looksForUnknown = lookingForUnknown
    }

    func report(_ path: String, _ rule: String) {
        problems.append(InvalidAlert.Problem(path: path, rule: rule))
    }
}

/// One JSON object of an alert, being read field by field. A field that can't be taken is reported, and reading goes on.
///
/// Each field asked for counts as known; ``end()`` reports the others.
struct Section {
    private let fields: KeyedDecodingContainer<FieldName>
    /// Path of the object; empty for the alert itself.
    private let path: String
    private let index: Int?
    let findings: Findings
    /// Names of the fields asked for; kept only where unknown ones are looked for.
    private var asked: [String] = []

    init(_ fields: KeyedDecodingContainer<FieldName>, _ path: String, index: Int? = nil, _ findings: Findings)
    {
        self.fields = fields
        self.path = path
        self.index = index
        self.findings = findings
    }

    func path(of field: FieldName) -> String {
        if path.isEmpty { return field.stringValue }
        let object = index.map { "\(path)[\($0)]" } ?? path
        return "\(object).\(field.stringValue)"
    }

    func report(_ field: FieldName, _ rule: String) {
        findings.report(path(of: field), rule)
    }

    func has(_ field: FieldName) -> Bool { fields.contains(field) }

    /// Reports the fields that nothing asked for. The last call to a section.
    func end() {
        guard findings.looksForUnknown else { return }
        for field in fields.allKeys.sorted(by: { $0.stringValue < $1.stringValue })
        where !asked.contains(field.stringValue) {
            let name: FieldName = InvalidAlert.isQuotable(field.stringValue) ? field : "?"
            report(name, "unknown field")
        }
    }

    private mutating func ask(_ field: FieldName) {
        if findings.looksForUnknown { asked.append(field.stringValue) }
    }

    /// A value; nil when it is absent or was reported.
    /// - wanted: the type in words, for the problem's text.
    /// - decode: with the container's method for that very type, since the one for any type takes twice as long.
    private mutating func value<Value>(
        _ field: FieldName, _ wanted: String, required: Bool,
        _ decode: (KeyedDecodingContainer<FieldName>) throws -> Value?
    ) -> Value? {
        ask(field)
        do {
            if let value = try decode(fields) {
                findings.taken += 1
                return value
            }
            guard fields.contains(field) else {
                if required { report(field, "missing") }
                return nil
            }
        } catch {}
        findings.taken += 1
        report(field, "not \(wanted)")
        return nil
    }

    /// A text; nil, with nothing reported and nothing taken, when the field holds anything else.
    mutating func plainString(_ field: FieldName) -> String? {
        guard let text = try? fields.decodeIfPresent(String.self, forKey: field) else { return nil }
        ask(field)
        findings.taken += 1
        return text
    }

    mutating func string(_ field: FieldName, required: Bool = false) -> String? {
        value(field, "a text", required: required) { try $0.decodeIfPresent(String.self, forKey: field) }
    }

    mutating func strings(_ field: FieldName, atMost most: Int, required: Bool = false) -> [String]? {
        let list = value(field, "a list of texts", required: required) { fields -> [String]? in
            guard fields.contains(field) else { return nil }
            var list = try fields.nestedUnkeyedContainer(forKey: field)
            var texts: [String] = []
            while !list.isAtEnd { texts.append(try list.decode(String.self)) }
            return texts
        }
        if let list, list.count > most { report(field, "\(list.count) entries, at most \(most)") }
        return list
    }

    mutating func number(_ field: FieldName, _ range: ClosedRange<Int>, required: Bool = false) -> Int? {
        let number = value(field, "a whole number", required: required) {
            try $0.decodeIfPresent(Int.self, forKey: field)
        }
        guard let number else { return nil }
        guard range.contains(number) else {
            report(field, "not from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func section(_ field: FieldName, required: Bool = false) -> Section? {
        ask(field)
        guard fields.contains(field) else {
            if required { report(field, "missing") }
            return nil
        }
        findings.taken += 1
        guard let nested = try? fields.nestedContainer(keyedBy: FieldName.self, forKey: field) else {
            report(field, "not an object")
            return nil
        }
        return Section(nested, path(of: field), findings)
    }

    mutating func sections(_ field: FieldName, atMost most: Int) -> [Section]? {
        ask(field)
        guard fields.contains(field) else { return nil }
        findings.taken += 1
        guard var list = try? fields.nestedUnkeyedContainer(forKey: field) else {
            report(field, "not a list of objects")
            return nil
        }
        if let count = list.count, count > most {
            report(field, "\(count) entries, at most \(most)")
            return nil
        }
        let path = path(of: field)
        var sections: [Section] = []
        while !list.isAtEnd {
            guard let nested = try? list.nestedContainer(keyedBy: FieldName.self) else {
                findings.report("\(path)[\(list.currentIndex)]", "not an object")
                return nil
            }
            sections.append(Section(nested, path, index: sections.count, findings))
        }
        return sections
    }
}
