/// Why an alert is refused: every problem found, not only the first.
public struct InvalidAlert: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong. Its text names fields, rules and code words, never what the alert says of a person.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The JSON path, e.g. `movement.vehicle.plate` or `atRisk[2].reference`; `alert` for the whole.
        public let path: String
        /// What is wrong with it, e.g. `41 characters, at most 16`.
        public let rule: String

        public var description: String { "\(path): \(rule)" }
    }

    /// Never empty; at most ``Alert/Limits/problems``, and one more that counts the rest.
    public let problems: [Problem]

    init(_ problems: [Problem]) {
        let most = Alert.Limits.problems
        self.problems =
            problems.count <= most
            ? problems
            : problems.prefix(most) + [Problem(path: "alert", rule: "\(problems.count - most) more problems")]
    }

    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }

    /// Whether a text may be quoted in a problem: a short word such as a code, not something said of a person.
    static func isQuotable(_ text: String) -> Bool {
        text.utf8.count <= 40 && !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E, 0x3A, 0x5F: true
                default: false
                }
            }
    }
}
