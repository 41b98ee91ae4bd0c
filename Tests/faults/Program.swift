import Glibc
import Platform
import ProcessHarness
import Settings

@main
struct Program {
    static func main() async {
        var order: Order?
        let status = commandLine.status(of: Array(CommandLine.arguments.dropFirst())) { values in
            order = Order(values)
            return .ok
        }
        guard let order else { exit(status.rawValue) }
        Privacy.enter()
        exit(await run(order).rawValue)
    }

    /// Apart, so that every testbed is taken down before the process exits.
    private static func run(_ order: Order) async -> ExitStatus {
        do {
            return try await Suite(order).run() ? .ok : .software
        } catch {
            talk("\(error)")
            return (error as? any ProgramError)?.exitStatus ?? .software
        }
    }
}

/// A line for whoever watches.
func talk(_ line: String) {
    StandardError.write(line: "faults: \(line)")
}
