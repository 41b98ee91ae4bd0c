/// Why an alert is refused: every problem found, not only the first.
public struct InvalidAlert: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong. Its text names fields, rules and code words of the schema, and quotes nothing of the alert:
    /// it is shown and logged where the alert's content must not be.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The JSON path, e.g. `movement.vehicle.plate` or `atRisk[2].reference`; `alert` for the whole.
        public let path: String
        /// What is wrong with it, e.g. `41 characters, at most 16`.
        public let rule: String

        public init(path: String, rule: String) {
            (self.path, self.rule) = (path, rule)
        }

        public var description: String { "\(path): \(rule)" }
    }

    /// Never empty; at most ``Alert/Limits/problems``, and one more that counts the rest.
    public let problems: [Problem]

    /// - problems: those that are named. count: of all there are.
    public init(_ problems: [Problem], count: Int) {
        let more = count - problems.count
        self.problems =
            more > 0 ? problems + [Problem(path: "alert", rule: "\(more) more problems")] : problems
    }

    /// Of one problem that whoever keeps alerts has with one.
    public init(path: String, rule: String) {
        self.init([Problem(path: path, rule: rule)], count: 1)
    }

    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
