/// A program's command line, described: what `--help` shows and what ``parse(_:)`` takes.
public struct CommandLineProgram: Sendable {
    public var name: String
    /// One line.
    public var summary: String
    public var version: String
    /// For every command; may also stand behind the command's name.
    public var options: [CommandOption]
    public var commands: [Command]
    /// Shown at the end of the help: exit statuses, files.
    public var epilogue: String

    public init(
        name: String, summary: String, version: String, options: [CommandOption] = [], commands: [Command],
        epilogue: String = ""
    ) {
        self.name = name
        self.summary = summary
        self.version = version
        self.options = options
        self.commands = commands
        self.epilogue = epilogue
    }
}

/// `tail` in `borderwire tail`, or, one level deeper, `suspect` in `borderwire-post publish suspect`.
public struct Command: Sendable {
    public var name: String
    /// One line.
    public var summary: String
    public var options: [CommandOption]
    public var positionals: [Positional]
    public var commands: [Command]
    /// Whether it can't run without one of its own commands.
    public var needsCommand: Bool
    /// Whether errors may quote its arguments; false where those are what no log should have.
    public var quotesArguments: Bool
    /// At least one for each command that can run.
    public var examples: [Example]
    public var epilogue: String

    public struct Example: Sendable {
        /// As typed, e.g. `borderwire tail --province koh-kong`.
        public var line: String
        public var meaning: String

        public init(_ line: String, _ meaning: String) {
            self.line = line
            self.meaning = meaning
        }
    }

    public init(
        _ name: String, _ summary: String, options: [CommandOption] = [], positionals: [Positional] = [],
        commands: [Command] = [], needsCommand: Bool = false, quotesArguments: Bool = true,
        examples: [Example], epilogue: String = ""
    ) {
        self.name = name
        self.summary = summary
        self.options = options
        self.positionals = positionals
        self.commands = commands
        self.needsCommand = needsCommand
        self.quotesArguments = quotesArguments
        self.examples = examples
        self.epilogue = epilogue
    }
}

/// An argument without a dash.
public struct Positional: Sendable {
    /// In capitals by custom: `ID`, `FILE`.
    public var name: String
    public var summary: String
    public var required: Bool
    /// Takes all that is left.
    public var repeats: Bool

    public init(_ name: String, _ summary: String, required: Bool = true, repeats: Bool = false) {
        self.name = name
        self.summary = summary
        self.required = required
        self.repeats = repeats
    }
}

/// `--name`, with or without a value.
public struct CommandOption: Sendable {
    public enum Kind: Sendable {
        case flag
        case text
        case integer(ClosedRange<Int>)
        case duration
    }

    /// Without dashes.
    public var name: String
    public var short: Character?
    /// What the value is called in the help.
    public var placeholder: String
    public var summary: String
    public var kind: Kind
    public var required = false
    /// Used where the option is not given.
    public var fallback: String?
    public var repeats = false
    /// Commas separate values.
    public var splits = false
    /// Empty: any.
    public var allowed: [String] = []

    private init(_ name: String, _ short: Character?, _ placeholder: String, _ summary: String, _ kind: Kind)
    {
        self.name = name
        self.short = short
        self.placeholder = placeholder
        self.summary = summary
        self.kind = kind
    }

    public static func flag(_ name: String, short: Character? = nil, _ summary: String) -> CommandOption {
        CommandOption(name, short, "", summary, .flag)
    }

    public static func text(
        _ name: String, short: Character? = nil, _ placeholder: String, _ summary: String,
        required: Bool = false,
        default fallback: String? = nil
    ) -> CommandOption {
        var option = CommandOption(name, short, placeholder, summary, .text)
        option.required = required
        option.fallback = fallback
        return option
    }

    /// Repeatable; commas separate values, too: `--province koh-kong,pursat --province kampot`.
    public static func list(
        _ name: String, short: Character? = nil, _ placeholder: String, _ summary: String,
        required: Bool = false,
        allowed: [String] = []
    ) -> CommandOption {
        var option = CommandOption(name, short, placeholder, summary, .text)
        option.required = required
        option.repeats = true
        option.splits = true
        option.allowed = allowed
        if !allowed.isEmpty { option.placeholder += ":{\(allowed.joined(separator: ","))}" }
        return option
    }

    /// Repeatable; commas are ordinary characters.
    public static func texts(
        _ name: String, short: Character? = nil, _ placeholder: String, _ summary: String,
        required: Bool = false
    ) -> CommandOption {
        var option = CommandOption(name, short, placeholder, summary, .text)
        option.required = required
        option.repeats = true
        return option
    }

    public static func choice(
        _ name: String, short: Character? = nil, _ allowed: [String], _ summary: String,
        required: Bool = false,
        default fallback: String? = nil
    ) -> CommandOption {
        var option = CommandOption(name, short, "{\(allowed.joined(separator: ","))}", summary, .text)
        option.required = required
        option.fallback = fallback
        option.allowed = allowed
        return option
    }

    public static func integer(
        _ name: String, short: Character? = nil, _ placeholder: String, _ summary: String,
        in range: ClosedRange<Int> = 0...Int.max, required: Bool = false, default fallback: Int? = nil
    ) -> CommandOption {
        var option = CommandOption(name, short, placeholder, summary, .integer(range))
        option.required = required
        option.fallback = fallback.map(String.init)
        return option
    }

    /// `250ms`, `10s`, `5m`, `24h`, `7d`.
    public static func duration(
        _ name: String, short: Character? = nil, _ placeholder: String, _ summary: String,
        required: Bool = false,
        default fallback: Duration? = nil
    ) -> CommandOption {
        var option = CommandOption(name, short, placeholder, summary, .duration)
        option.required = required
        option.fallback = fallback?.settingText
        return option
    }
}
