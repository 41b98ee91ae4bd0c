public import Alerts
internal import Platform
internal import Printable
public import Settings

extension CommandLineValues {
    /// The id of the alert that a command is about, its argument `ID`.
    public func alertID(_ program: String) throws(UsageError) -> AlertID {
        let text = positional("ID") ?? ""
        guard let id = AlertID(text) else {
            throw UsageError(
                command: "\(program) \(command.joined(separator: " "))",
                cause: "\(printable(text)) is no alert's id",
                remedy: "ids look like 01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d")
        }
        return id
    }
}

extension SeenReport {
    /// On standard output, as `--format` says.
    public func print(_ values: CommandLineValues) throws {
        if values.string("format") == "json" { return try StandardOutput.write(line: try json()) }
        for line in lines { try StandardOutput.write(words: line) }
    }
}
