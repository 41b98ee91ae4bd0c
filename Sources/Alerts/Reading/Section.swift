internal import JSON

/// What was found while an alert was read. Lives as long as one reading, on one thread.
final class Findings {
    var problems: [InvalidAlert.Problem] = []

    func report(_ path: String, _ rule: String) {
        problems.append(InvalidAlert.Problem(path: path, rule: rule))
    }
}

/// One JSON object of an alert, being read field by field. A field that can't be taken is reported, and reading goes on.
///
/// Each field asked for counts as known; ``end()`` reports the others, and those that are given twice.
struct Section {
    private let fields: JSONValue
    /// Path of the object; empty for the alert itself.
    private let path: String
    private let index: Int?
    let findings: Findings
    /// Fields found so far. When the object has as many, none of them is unknown or repeated.
    private var taken = 0
    private var asked: [String] = []

    /// - fields: an object.
    init(_ fields: JSONValue, _ path: String, index: Int? = nil, _ findings: Findings) {
        self.fields = fields
        self.path = path
        self.index = index
        self.findings = findings
        asked.reserveCapacity(24)
    }

    func path(of field: FieldName) -> String {
        if path.isEmpty { return field.text }
        let object = index.map { "\(path)[\($0)]" } ?? path
        return "\(object).\(field.text)"
    }

    func report(_ field: FieldName, _ rule: String) {
        findings.report(path(of: field), rule)
    }

    func has(_ field: FieldName) -> Bool { fields[field] != nil }

    /// Reports the fields that nothing asked for. The last call to a section.
    func end() {
        guard taken != fields.fieldCount else { return }
        var seen: Set<String> = []
        for name in fields.fieldNames.sorted() {
            if !asked.contains(name) {
                report(InvalidAlert.isQuotable(name) ? FieldName(name) : "?", "unknown field")
            } else if !seen.insert(name).inserted {
                // Two readers could take a different one: nobody gets either.
                report(FieldName(name), "given twice")
            }
        }
    }

    /// The field's value; nil when it is absent.
    private mutating func ask(_ field: FieldName, required: Bool = false) -> JSONValue? {
        asked.append(field.text)
        guard let value = fields[field] else {
            if required { report(field, "missing") }
            return nil
        }
        taken += 1
        return value
    }

    /// A text; nil, with nothing reported and nothing taken, when the field holds anything else.
    mutating func plainString(_ field: FieldName) -> String? {
        guard let text = fields[field]?.string else { return nil }
        asked.append(field.text)
        taken += 1
        return text
    }

    mutating func string(_ field: FieldName, required: Bool = false) -> String? {
        guard let value = ask(field, required: required) else { return nil }
        if let text = value.string { return text }
        report(field, "not a text")
        return nil
    }

    mutating func strings(_ field: FieldName, atMost most: Int, required: Bool = false) -> [String]? {
        guard let value = ask(field, required: required) else { return nil }
        let elements = value.elements
        let texts = elements?.compactMap(\.string) ?? []
        guard texts.count == elements?.count else {
            report(field, "not a list of texts")
            return nil
        }
        if texts.count > most { report(field, "\(texts.count) entries, at most \(most)") }
        return texts
    }

    mutating func number(_ field: FieldName, _ range: ClosedRange<Int>, required: Bool = false) -> Int? {
        guard let value = ask(field, required: required) else { return nil }
        guard let number = value.integer else {
            report(field, "not a whole number")
            return nil
        }
        guard range.contains(number) else {
            report(field, "not from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func section(_ field: FieldName, required: Bool = false) -> Section? {
        guard let value = ask(field, required: required) else { return nil }
        guard value.isObject else {
            report(field, "not an object")
            return nil
        }
        return Section(value, path(of: field), findings)
    }

    mutating func sections(_ field: FieldName, atMost most: Int) -> [Section]? {
        guard let value = ask(field) else { return nil }
        guard let elements = value.elements else {
            report(field, "not a list of objects")
            return nil
        }
        guard elements.count <= most else {
            report(field, "\(elements.count) entries, at most \(most)")
            return nil
        }
        let path = path(of: field)
        var sections: [Section] = []
        for (index, element) in elements.enumerated() {
            guard element.isObject else {
                findings.report("\(path)[\(index)]", "not an object")
                return nil
            }
            sections.append(Section(element, path, index: index, findings))
        }
        return sections
    }
}
