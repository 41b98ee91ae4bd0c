internal import JSON
internal import Spelling

/// What was found while an alert was read. Lives as long as one reading, on one thread.
final class Findings {
    /// The first of them, at most ``Alert/Limits/problems``.
    private(set) var problems: [InvalidAlert.Problem] = []
    /// Of all of them.
    private(set) var count = 0
    /// Whether what people wrote is searched for what must not be in it.
    let screens: Bool
    /// What is no person's name.
    let places: ProvinceDirectory
    /// Makes a reference of a person at risk where a draft has none; nil: each must have its own.
    let newReference: (() -> String)?

    init(screens: Bool, places: ProvinceDirectory, newReference: (() -> String)? = nil) {
        self.screens = screens
        self.places = places
        self.newReference = newReference
    }

    /// What is not named is only counted: a faulty alert costs no more than one in order.
    func report(_ path: @autoclosure () -> String, _ rule: @autoclosure () -> String) {
        count += 1
        guard count <= Alert.Limits.problems else { return }
        problems.append(InvalidAlert.Problem(path: path(), rule: rule()))
    }

    /// The word of a list that was perhaps meant, as the end of a sentence; empty where none is near. Of as many problems as
    /// are named: an alert that is nothing but problems must not take long.
    func suggestion(for text: String, among words: some Sequence<String>) -> String {
        guard problems.count < Alert.Limits.problems, let word = nearest(to: text, among: words) else {
            return ""
        }
        return "; did you mean \(word)?"
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
    /// The places of the fields found so far, a bit each, and of those from the 64th on, which only a faulty alert has.
    /// When the object has as many, none of its fields is unknown or repeated.
    private var found: UInt64 = 0
    private var foundBeyond: Set<Int> = []

    /// - fields: an object.
    init(_ fields: JSONValue, _ path: String, index: Int? = nil, _ findings: Findings) {
        self.fields = fields
        self.path = path
        self.index = index
        self.findings = findings
    }

    func path(of field: String) -> String {
        if path.isEmpty { return field }
        let object = index.map { "\(path)[\($0)]" } ?? path
        return "\(object).\(field)"
    }

    func report(_ field: @autoclosure () -> String, _ rule: @autoclosure () -> String) {
        findings.report(path(of: field()), rule())
    }

    func has(_ field: String) -> Bool { fields[field] != nil }

    /// Reports the fields that nothing asked for. The last call to a section.
    func end() {
        guard found.nonzeroBitCount + foundBeyond.count != fields.fieldCount else { return }
        let unknown = fields.fieldCount - found.nonzeroBitCount - foundBeyond.count
        guard unknown <= Alert.Limits.unknownFields else {
            return report("?", "\(unknown) fields unknown or given twice")
        }
        let names = fields.fieldNames
        let known = Set(names.indices.filter { isFound($0) }.map { names[$0] })
        var seen: Set<String> = []
        for name in names.sorted() {
            if !known.contains(name) {
                // The name is the writer's: only one that is on a list of ours is repeated.
                let isOurs = FieldKey.all.contains(name) || FieldKey.refused.contains(name)
                report(
                    isOurs ? name : "?",
                    "unknown field" + (isOurs ? "" : findings.suggestion(for: name, among: FieldKey.all)))
            } else if !seen.insert(name).inserted {
                // Two readers could take a different one: nobody gets either.
                report(name, "given twice")
            }
        }
    }

    /// The field's value; nil when it is absent.
    mutating func ask(_ field: String, required: Bool = false) -> JSONValue? {
        guard let (place, value) = fields.field(field) else {
            if required { report(field, "missing") }
            return nil
        }
        find(place)
        return value
    }

    private mutating func find(_ place: Int) {
        if place < UInt64.bitWidth { found |= 1 << place } else { foundBeyond.insert(place) }
    }

    private func isFound(_ place: Int) -> Bool {
        place < UInt64.bitWidth ? found >> place & 1 == 1 : foundBeyond.contains(place)
    }

    /// A text; nil, with nothing reported and nothing taken, when the field holds anything else.
    mutating func plainString(_ field: String) -> String? {
        guard let (place, value) = fields.field(field), let text = value.string else { return nil }
        find(place)
        return text
    }

    mutating func string(_ field: String, required: Bool = false) -> String? {
        guard let value = ask(field, required: required) else { return nil }
        return string(value, field)
    }

    func string(_ value: JSONValue, _ field: String) -> String? {
        if let text = value.string { return text }
        report(field, "not a text")
        return nil
    }

    mutating func strings(_ field: String, atMost most: Int, required: Bool = false) -> [String]? {
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

    mutating func number(_ field: String, _ range: ClosedRange<Int>, required: Bool = false) -> Int? {
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

    mutating func section(_ field: String, required: Bool = false) -> Section? {
        guard let value = ask(field, required: required) else { return nil }
        guard value.isObject else {
            report(field, "not an object")
            return nil
        }
        return Section(value, path(of: field), findings)
    }

    mutating func sections(_ field: String, atMost most: Int) -> [Section]? {
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
