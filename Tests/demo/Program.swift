import Glibc
import Platform
import ProcessHarness
import Settings

@main
struct Program {
    static func main() async {
        guard CommandLine.arguments.count == 1 else {
            let isHelp = CommandLine.arguments.dropFirst() == ["--help"]
            StandardError.write(
                line: "borderwire-demo: takes no arguments; shows an invented day, and ends by itself")
            exit((isHelp ? ExitStatus.ok : .usage).rawValue)
        }
        exit(await run().rawValue)
    }

    /// Apart, so that the testbed is taken down before the process exits.
    private static func run() async -> ExitStatus {
        do {
            return try await Demo().run() ? .ok : .software
        } catch {
            talk("\(error)")
            return .software
        }
    }
}

/// A line for whoever watches.
func talk(_ line: String) {
    StandardError.write(line: "demo: \(line)")
}
