import Platform
import Settings

/// `--ask`: the options that a command line leaves out, asked for on the terminal or read from standard input, a line each.
/// The arguments of a process can be read by every user of its machine, and sudo writes them into its log; what is
/// answered here is in neither.
enum Questions {
    /// Options that say how to publish and not what.
    private static let aside: Set<String> = ["ask", "wait", "format", "config"]

    /// - Returns: the arguments with the answers behind them as options; as they are where `--ask` is not among them.
    static func answered(_ arguments: [String]) -> [String] {
        let options = arguments.prefix { $0 != "--" }
        guard options.contains("--ask"), options.first == "publish",
            let publish = commandLine.commands.first(where: { $0.name == "publish" }),
            let command = publish.commands.first(where: { options.dropFirst().contains($0.name) })
        else { return arguments }
        var answers: [String] = []
        for option in command.options where !aside.contains(option.name) {
            let name = "--\(option.name)"
            if options.contains(where: { $0 == name || $0.hasPrefix(name + "=") }) { continue }
            while let answer = ask(
                option, again: !answers.isEmpty && answers.last?.hasPrefix(name + "=") == true)
            {
                answers.append("\(name)=\(answer)")
                if !option.repeats || option.splits { break }
            }
        }
        return arguments + answers
    }

    /// - Returns: nil for an empty line, and at the end of the input.
    private static func ask(_ option: CommandOption, again: Bool) -> String? {
        if StandardInput.isTerminal {
            let words = option.allowed.isEmpty ? option.summary : option.allowed.joined(separator: ", ")
            let fallback = option.fallback.map { " [\($0)]" } ?? ""
            StandardError.write("\(again ? "another " : "")\(option.name) (\(words))\(fallback): ")
        }
        guard let line = readLine(), !line.isEmpty else { return nil }
        return line
    }
}
