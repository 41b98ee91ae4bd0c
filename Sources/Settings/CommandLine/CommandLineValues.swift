/// What was given on a command line, checked against its description.
///
/// A name is looked up in the innermost command first, then outwards. Asking for a name that was never described, or
/// as another kind, is a bug of the program's and traps.
public struct CommandLineValues: Sendable {
    /// The commands named, outermost first: `["publish", "suspect"]`.
    public let command: [String]
    let scopes: [Scope]

    struct Scope: Sendable {
        var options: [String: (option: CommandOption, given: [String])] = [:]
        var positionals: [String: [String]] = [:]
    }

    /// The value given, or the default.
    public func string(_ name: String) -> String? { strings(name).last }

    /// The value of an option that is required or has a default.
    public func require(_ name: String) -> String {
        guard let value = string(name) else {
            preconditionFailure("--\(name) is neither required nor has it a default")
        }
        return value
    }

    /// All values given, in order; the default, if there is one, when none was.
    public func strings(_ name: String) -> [String] {
        let (option, given) = find(name)
        if given.isEmpty { return option.fallback.map { [$0] } ?? [] }
        return given.flatMap { option.parts(of: $0) }
    }

    public func flag(_ name: String) -> Bool { !find(name).given.isEmpty }

    /// Whether it was given, default or not.
    public func isGiven(_ name: String) -> Bool { !find(name).given.isEmpty }

    public func integer(_ name: String) -> Int? { string(name).flatMap { Int($0) } }
    public func duration(_ name: String) -> Duration? { string(name).flatMap { Duration(settingText: $0) } }

    public func positional(_ name: String) -> String? { positionals(name).first }

    public func positionals(_ name: String) -> [String] {
        for scope in scopes {
            if let given = scope.positionals[name] { return given }
        }
        preconditionFailure("\(command.joined(separator: " ")) has no positional \(name)")
    }

    private func find(_ name: String) -> (option: CommandOption, given: [String]) {
        for scope in scopes {
            if let found = scope.options[name] { return found }
        }
        preconditionFailure("\(command.joined(separator: " ")) has no option --\(name)")
    }
}

extension CommandOption {
    /// The values in one argument: several where commas separate them, none in an empty one.
    func parts(of argument: String) -> [String] {
        splits ? argument.split(separator: ",").map(String.init) : [argument]
    }
}
