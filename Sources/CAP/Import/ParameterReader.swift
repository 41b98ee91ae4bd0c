internal import Alerts

/// The parameters of one `info` that are an alert's own members, each taken by who asks for it.
struct ParameterReader {
    private struct Entry {
        var value: String
        var path: String
    }

    private var entries: [String: [Entry]] = [:]
    private var repeated: [InvalidAlert.Problem] = []
    private(set) var leftOut: [InvalidAlert.Problem] = []
    private let path: String

    /// - path: of the `info`.
    init(_ info: CAPDocument.Info, at path: String) {
        self.path = path
        for (index, pair) in info.parameters.enumerated() {
            let own = "\(path).parameter[\(index)]"
            guard pair.name.hasPrefix(CAPProfile.prefix) else {
                leftOut.append(InvalidAlert.Problem(path: own, rule: "no parameter that is known here"))
                continue
            }
            entries[pair.name, default: []].append(Entry(value: pair.value, path: own))
        }
    }

    static func own(_ info: CAPDocument.Info) -> [CAPDocument.Pair] {
        info.parameters.filter { $0.name.hasPrefix(CAPProfile.prefix) }
    }

    /// Whether there is any below a name, `suspect`.
    func has(_ name: String) -> Bool {
        entries.keys.contains { $0.hasPrefix("\(CAPProfile.prefix)\(name).") }
    }

    /// nil: there is none.
    mutating func one(_ name: String) -> String? {
        guard let found = entries.removeValue(forKey: CAPProfile.prefix + name) else { return nil }
        for other in found.dropFirst() {
            repeated.append(InvalidAlert.Problem(path: other.path, rule: "given twice"))
        }
        return found.first?.value
    }

    mutating func all(_ name: String) -> [String] {
        (entries.removeValue(forKey: CAPProfile.prefix + name) ?? []).map(\.value)
    }

    /// nil: there is none, or it is no whole number, which is reported.
    mutating func number(_ name: String) -> Int? {
        let path = entries[CAPProfile.prefix + name]?.first?.path ?? ""
        guard let text = one(name) else { return nil }
        if let number = Int(text), text.utf8.allSatisfy(isDigit) { return number }
        repeated.append(InvalidAlert.Problem(path: path, rule: "not a whole number"))
        return nil
    }

    /// Reports what was taken and could not be, and names what nobody asked for. The last call.
    mutating func end(_ findings: inout CAPFindings) {
        for problem in repeated { findings.report(problem.path, problem.rule) }
        for entry in entries.values.flatMap({ $0 }).sorted(by: { $0.path < $1.path }) {
            leftOut.append(InvalidAlert.Problem(path: entry.path, rule: "no parameter that is known here"))
        }
        entries = [:]
    }

    mutating func report(_ name: String, _ rule: String) {
        repeated.append(
            InvalidAlert.Problem(path: "\(path).parameter", rule: "\(CAPProfile.prefix)\(name): \(rule)"))
    }
}
