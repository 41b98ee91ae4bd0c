public import Platform
internal import Printable
internal import Spelling

/// What a command line asks for.
public enum CommandLineRequest: Sendable {
    case run(CommandLineValues)
    /// `--help` or `--version`: the text is for standard output, and the program ends with status 0.
    case tell(String)
}

/// A command line that can't be followed. Prints with the way to the help.
public struct UsageError: ProgramError, Equatable, CustomStringConvertible {
    /// The program and the command, e.g. `borderwire tail`.
    public var command: String
    public var cause: String
    /// What was probably meant; empty when nothing is near.
    public var remedy: String

    public init(command: String, cause: String, remedy: String = "") {
        self.command = command
        self.cause = cause
        self.remedy = remedy
    }

    public var exitStatus: ExitStatus { .usage }

    public var description: String {
        cause + (remedy.isEmpty ? "" : "; \(remedy)") + "\nTry '\(command) --help'."
    }
}

extension CommandLineProgram {
    /// - arguments: without the program's name.
    public func parse(_ arguments: [String]) throws(UsageError) -> CommandLineRequest {
        // CLI11 would take the next argument for the value: with `--note="$N" --exercise` and nothing in N, an exercise
        // would go out as the real thing.
        for argument in arguments.prefix(while: { $0 != "--" }) {
            guard argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") else { continue }
            if argument.index(after: equals) == argument.endIndex {
                throw UsageError(command: name, cause: "\(printable(argument)) has no value")
            }
        }
        let reader = CommandLineReader(self)
        let outcome = reader.read(arguments)
        let chain = reader.chain(of: reader.command)
        let title = ([name] + chain.path).joined(separator: " ")
        switch outcome {
        case .tell(let text):
            return .tell(text)
        case .misuse(let text, nil):
            throw UsageError(
                command: title,
                cause: chain.quotesArguments
                    ? printable(text) : "an option without its value, or with too many")
        case .misuse(_, .some(let stray)):
            throw UsageError(
                command: title, cause: chain.complaint(about: stray), remedy: chain.remedy(for: stray))
        case .run:
            if chain.needsCommand, let names = chain.commandNames {
                throw UsageError(command: title, cause: "a command is missing", remedy: "one of \(names)")
            }
            let values = CommandLineValues(
                command: chain.path, scopes: chain.levels.map { reader.scope(of: $0) })
            for scope in values.scopes { try check(scope, title, quotes: chain.quotesArguments) }
            if let missing = chain.missingPositional(in: values) {
                throw UsageError(command: title, cause: "\(missing.name) is missing", remedy: missing.summary)
            }
            return .run(values)
        }
    }

    private func check(
        _ scope: CommandLineValues.Scope, _ title: String, quotes: Bool
    ) throws(UsageError) {
        for (option, given) in scope.options.values.sorted(by: { $0.option.name < $1.option.name }) {
            if option.required, given.isEmpty {
                throw UsageError(
                    command: title, cause: "--\(option.name) is missing",
                    remedy: "what it is for: \(option.summary)"
                )
            }
            if given.count > 1, !option.repeats, !option.isFlag {
                throw UsageError(
                    command: title, cause: "--\(option.name) is given \(given.count) times, not once")
            }
            for argument in given {
                let parts = option.parts(of: argument)
                if parts.isEmpty { throw UsageError(command: title, cause: "--\(option.name) has no value") }
                for value in parts {
                    guard let rule = option.rule(brokenBy: value) else { continue }
                    let quoted = quotes ? " \(printable(value))" : ""
                    throw UsageError(
                        command: title, cause: "--\(option.name)\(quoted): must be \(rule)",
                        remedy: nearest(to: value, among: option.allowed).map { "did you mean \($0)?" } ?? "")
                }
            }
        }
    }
}

extension CommandOption {
    fileprivate var isFlag: Bool {
        if case .flag = kind { true } else { false }
    }

    /// What the value would have to be; nil when it is.
    fileprivate func rule(brokenBy value: String) -> String? {
        switch kind {
        case .flag: return nil
        case .text:
            if allowed.isEmpty || allowed.contains(value) { return nil }
            return "one of \(allowed.joined(separator: ", "))"
        case .duration: return Duration(settingText: value) == nil ? Duration.settingRule : nil
        case .integer(let range):
            if let number = Int(value), range.contains(number) { return nil }
            return range.upperBound == Int.max
                ? "a whole number, at least \(range.lowerBound)"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}
