internal import Alerts
internal import XML

/// Holds a document that was read against the schema, element by element. What is wrong is named by its path, and nothing of
/// the document is quoted.
struct SchemaCheck {
    /// Of XML signatures, which may stand last.
    static let signatures = "http://www.w3.org/2000/09/xmldsig#"
    private static let instance = "http://www.w3.org/2001/XMLSchema-instance"

    private(set) var findings = CAPFindings()
    /// Whether a signature stands last; it is not verified here.
    private(set) var isSigned = false

    mutating func check(_ root: XMLElement) {
        guard root.name == "alert", root.namespace == CAPDocument.namespace else {
            return findings.report(
                "alert", "the document is no alert of \(CAPDocument.namespace)")
        }
        check(root, Schema.alert, "alert", mayBeSigned: true)
    }

    private mutating func check(
        _ element: XMLElement, _ particles: [Schema.Particle], _ path: String, mayBeSigned: Bool = false
    ) {
        checkAttributes(of: element, path)
        if element.text.utf8.contains(where: { !isSpace($0) }) {
            findings.report(path, "a text between its elements")
        }
        var counts = [Int](repeating: 0, count: particles.count)
        var place = 0
        for child in element.children {
            if mayBeSigned, child.namespace == SchemaCheck.signatures {
                isSigned = true
                place = particles.count
                continue
            }
            guard child.namespace == CAPDocument.namespace,
                let index = particles.firstIndex(where: { $0.name == child.name })
            else {
                findings.report(
                    path, "line \(child.line): an element in it that CAP 1.2 does not have there")
                continue
            }
            let particle = particles[index]
            let own = "\(path).\(particle.name)" + (particle.repeats ? "[\(counts[index])]" : "")
            if index < place {
                findings.report(own, "line \(child.line): stands behind an element that it must precede")
            } else {
                place = index
            }
            counts[index] += 1
            if counts[index] > 1, !particle.repeats { findings.report(own, "given twice") }
            check(child, particle.content, own)
        }
        for (particle, count) in zip(particles, counts) where particle.isRequired && count == 0 {
            findings.report("\(path).\(particle.name)", "missing")
        }
    }

    private mutating func check(_ element: XMLElement, _ content: Schema.Content, _ path: String) {
        if case .elements(let particles) = content { return check(element, particles, path) }
        checkAttributes(of: element, path)
        if !element.children.isEmpty { findings.report(path, "elements in it, where only text may be") }
        let text = collapsed(element.text)
        switch content {
        case .text, .elements: break
        case .words(let words):
            if !words.contains(where: { $0.utf8.elementsEqual(element.text.utf8) }) {
                findings.report(path, "not one of \(words.joined(separator: ", "))")
            }
        case .time:
            if Timestamp(cap: text) == nil {
                findings.report(path, "not a time such as 2026-11-24T06:30:00+07:00")
            }
        case .language:
            if !isLanguage(text) { findings.report(path, "not a language's code such as km or en-US") }
        case .uri:
            if text.utf8.contains(0x20) { findings.report(path, "not a URI") }
        case .integer:
            let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
            if digits.isEmpty || !digits.utf8.allSatisfy(isDigit) {
                findings.report(path, "not a whole number")
            }
        case .decimal:
            let number = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
            let isDecimal =
                number.utf8.contains(where: isDigit)
                && number.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
                && number.utf8.count(where: { $0 == UInt8(ascii: ".") }) <= 1
            if !isDecimal { findings.report(path, "not a number") }
        }
    }

    /// CAP has none; where the schema is may be said.
    private mutating func checkAttributes(of element: XMLElement, _ path: String) {
        let others = element.attributes.filter {
            !($0.namespace == SchemaCheck.instance
                && ["schemaLocation", "noNamespaceSchemaLocation"].contains($0.name))
        }
        if !others.isEmpty { findings.report(path, "an attribute, of which CAP has none") }
    }

    /// RFC 3066, as xs:language has it: subtags of 1 to 8 letters, digits from the second on.
    private func isLanguage(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return !parts.isEmpty
            && parts.enumerated().allSatisfy { place, part in
                (1...8).contains(part.count)
                    && part.allSatisfy { isLetter($0) || place > 0 && isDigit($0) }
            }
    }
}

/// What was found in a document: the first problems, and how many there are.
struct CAPFindings {
    private(set) var problems: [InvalidAlert.Problem] = []
    private(set) var count = 0

    mutating func report(_ path: String, _ rule: String) {
        count += 1
        guard count <= Alert.Limits.problems else { return }
        problems.append(InvalidAlert.Problem(path: path, rule: rule))
    }

    /// nil: nothing was found.
    var error: InvalidAlert? { count == 0 ? nil : InvalidAlert(problems, count: count) }
}

extension Timestamp {
    /// A time of CAP 1.2: XML Schema's dateTime with an offset in digits, seconds, and no fraction. 24:00:00 is the next day's
    /// beginning.
    init?(cap text: String) {
        let parts = text.split(separator: "T", maxSplits: 1)
        guard parts.count == 2, parts[1].hasPrefix("24:00:00") else {
            self.init(rfc3339: text)
            return
        }
        guard let day = Timestamp(rfc3339: "\(parts[0])T00:00:00\(parts[1].dropFirst(8))") else { return nil }
        self.init(milliseconds: day.milliseconds + 86_400_000)
    }
}

/// White space as XML Schema collapses it: none around the text, one space within.
func collapsed(_ text: String) -> String {
    let words = text.utf8.split(whereSeparator: isSpace)
    return words.map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: " ")
}

func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
