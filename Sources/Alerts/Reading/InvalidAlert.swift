/// Why an alert is refused: every problem found, not only the first.
public struct InvalidAlert: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong. Its text names fields, rules and code words of the schema, and quotes nothing of the alert:
    /// it is shown and logged where the alert's content must not be.
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

    /// Of one problem that whoever keeps alerts has with one.
    public init(path: String, rule: String) {
        self.init([Problem(path: path, rule: rule)])
    }

    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
