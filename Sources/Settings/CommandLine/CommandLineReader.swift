internal import CCLI11
internal import Glibc
internal import Printable
internal import Spelling

/// A command line's description handed to CLI11, and what CLI11 made of the arguments. One use, one thread.
final class CommandLineReader {
    enum Outcome {
        case run
        case tell(String)
        /// CLI11's words, and the argument that nobody expected, if it was that.
        case misuse(String, String?)
    }

    /// A command (or the program, which is number 0) with the numbers that CLI11's shim gave to its parts.
    struct Level {
        var name = ""
        var parent: Int?
        var options: [(option: CommandOption, number: Int32)] = []
        var positionals: [(positional: Positional, number: Int32)] = []
        var commands: [Command] = []
        var needsCommand = false
        var quotesArguments = true
    }

    /// From the command that was named outwards to the program.
    struct Chain {
        var levels: [Level]
    }

    private let program: OpaquePointer
    private let name: String
    private var levels: [Level] = []

    init(_ description: CommandLineProgram) {
        guard
            let program = ccli_new(
                description.name, description.summary, "\(description.name) \(description.version)",
                description.epilogue)
        else { preconditionFailure("\(description.name) is no name for a program") }
        self.program = program
        name = description.name
        levels.append(Level(commands: description.commands, needsCommand: !description.commands.isEmpty))
        add(description.options, to: 0)
        for command in description.commands { add(command, to: 0) }
    }

    deinit { ccli_free(program) }

    private func add(_ command: Command, to parent: Int) {
        let number = number(
            of: command.name,
            ccli_add_command(
                program, Int32(parent), command.name, command.summary,
                command.closingText(chain(of: parent).levels.flatMap { $0.options.map(\.option) })))
        levels.append(
            Level(
                name: command.name, parent: parent, commands: command.commands,
                needsCommand: command.needsCommand, quotesArguments: command.quotesArguments))
        precondition(Int(number) == levels.count - 1)
        let level = Int(number)
        add(command.options, to: level)
        for positional in command.positionals {
            let added = ccli_add_positional(
                program, number, positional.name, positional.summary, positional.required, positional.repeats)
            levels[level].positionals.append((positional, self.number(of: positional.name, added)))
        }
        for inner in command.commands { add(inner, to: level) }
    }

    private func add(_ options: [CommandOption], to level: Int) {
        for option in options {
            let names = option.names
            let added: Int32
            if case .flag = option.kind {
                added = ccli_add_flag(program, Int32(level), names, option.helpText)
            } else {
                added = ccli_add_option(
                    program, Int32(level), names, option.placeholder, option.helpText, option.repeats)
            }
            levels[level].options.append((option, number(of: names, added)))
        }
    }

    /// A name given twice, or malformed, is a bug of the description.
    private func number(of name: String, _ added: Int32) -> Int32 {
        precondition(added >= 0, "\(name) can't be added to the command line")
        return added
    }

    func read(_ arguments: [String]) -> Outcome {
        let copies = ([name] + arguments).map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var pointers: [UnsafePointer<CChar>] = []
        for copy in copies {
            guard let copy else { return .misuse("out of memory", nil) }
            pointers.append(UnsafePointer(copy))
        }
        let outcome = ccli_parse(program, Int32(clamping: pointers.count), pointers)
        let text = String(cString: ccli_text(program))
        switch outcome {
        case CCLI_RUN: return .run
        case CCLI_TELL: return .tell(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        default: return .misuse(text, ccli_stray(program).map { String(cString: $0) })
        }
    }

    /// Number of the innermost command that was named.
    var command: Int { Int(ccli_command(program)) }

    func chain(of command: Int) -> Chain {
        var chain: [Level] = []
        var next: Int? = command
        while let number = next, levels.indices.contains(number) {
            chain.append(levels[number])
            next = levels[number].parent
        }
        return Chain(levels: chain)
    }

    func scope(of level: Level) -> CommandLineValues.Scope {
        var scope = CommandLineValues.Scope()
        for (option, number) in level.options {
            scope.options[option.name] = (option, values(of: number))
        }
        for (positional, number) in level.positionals {
            scope.positionals[positional.name] = values(of: number)
        }
        return scope
    }

    /// A flag that was given has one empty value.
    private func values(of option: Int32) -> [String] {
        (0..<ccli_count(program, option)).map { index in
            ccli_value(program, option, index).map { String(cString: $0) } ?? ""
        }
    }
}

extension CommandLineReader.Chain {
    /// Names of the commands, outermost first.
    var path: [String] { levels.reversed().map(\.name).filter { !$0.isEmpty } }
    var needsCommand: Bool { levels.first?.needsCommand ?? false }
    var commandNames: String? { levels.first?.commands.map(\.name).joined(separator: ", ") }

    /// Whether errors may repeat what was typed.
    var quotesArguments: Bool { levels.allSatisfy(\.quotesArguments) }

    func complaint(about stray: String) -> String {
        guard quotesArguments else {
            return stray.hasPrefix("-") ? "an unknown option" : "an argument that no option takes"
        }
        if stray.hasPrefix("-") { return "unknown option \(printable(stray))" }
        if levels.first?.commands.isEmpty == false { return "unknown command \(printable(stray))" }
        return "unexpected argument \(printable(stray))"
    }

    func remedy(for stray: String) -> String {
        let candidates: [String]
        if stray.hasPrefix("-") {
            candidates = levels.flatMap { $0.options.map { "--" + $0.option.name } } + ["--help"]
        } else {
            candidates = levels.first?.commands.map(\.name) ?? []
        }
        let word = String(stray.prefix { $0 != "=" })
        if let nearest = nearest(to: word, among: candidates) { return "did you mean \(nearest)?" }
        if !stray.hasPrefix("-"), let names = commandNames, !names.isEmpty { return "one of \(names)" }
        return ""
    }

    func missingPositional(in values: CommandLineValues) -> Positional? {
        levels.first?.positionals.first {
            $0.positional.required && values.positionals($0.positional.name).isEmpty
        }?
        .positional
    }
}

extension Command {
    /// Examples and epilogue, as they stand at the end of the help.
    fileprivate func closingText(_ inherited: [CommandOption]) -> String {
        var parts: [String] = []
        if !inherited.isEmpty {
            let lines = inherited.map { option in
                let name = "  \(option.names) \(option.placeholder)"
                let gap = max(1, Int(CCLI_HELP_COLUMN) - name.count)
                return name + String(repeating: " ", count: gap) + option.helpText
            }
            parts.append("And, as before the command's name:\n" + lines.joined(separator: "\n"))
        }
        if !examples.isEmpty {
            let lines = examples.map { "  \($0.line)\n      \($0.meaning)" }
            parts.append("Examples:\n" + lines.joined(separator: "\n"))
        }
        if !epilogue.isEmpty { parts.append(epilogue) }
        return parts.joined(separator: "\n\n")
    }
}

extension CommandOption {
    /// As CLI11 takes them: `-c,--config`.
    fileprivate var names: String { (short.map { "-\($0)," } ?? "") + "--\(name)" }

    fileprivate var helpText: String {
        var text = summary
        if required { text += " (required)" }
        if let fallback { text += " (default \(fallback))" }
        return text
    }
}
