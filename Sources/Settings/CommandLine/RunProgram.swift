internal import Glibc
public import Platform

extension CommandLineProgram {
    /// Reads the command line, runs the body, and ends the process with the body's status.
    ///
    /// `--help` and `--version` go to standard output, everything else that is not data to standard error, with the
    /// program's name before it. A ``ProgramError`` sets the status; a reader of standard output who has gone
    /// (`| head`) ends the program quietly with 0. SIGPIPE is ignored from here on, and descriptors 0 to 2 are open: /dev/null
    /// where they were closed. Call from the main thread, first.
    public func run(
        _ arguments: [String] = Array(CommandLine.arguments.dropFirst()),
        _ body: (CommandLineValues) throws -> ExitStatus
    ) -> Never {
        guard openStandardStreams() else { exit(ExitStatus.osError.rawValue) }
        signal(SIGPIPE, SIG_IGN)
        exit(status(of: arguments, body).rawValue)
    }

    /// The same without ending the process.
    public func status(of arguments: [String], _ body: (CommandLineValues) throws -> ExitStatus) -> ExitStatus
    {
        do {
            switch try parse(arguments) {
            case .run(let values):
                return try body(values)
            case .tell(let text):
                try StandardOutput.write(line: text)
                return .ok
            }
        } catch OutputError.closed {
            return .ok
        } catch {
            StandardError.write(line: "\(name): \(error)")
            return (error as? any ProgramError)?.exitStatus ?? .software
        }
    }
}
