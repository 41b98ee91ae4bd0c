import Foundation
import Platform
import Settings

@main
struct Program {
    static func main() async {
        var order: CommandLineValues?
        let status = commandLine.status(of: Array(CommandLine.arguments.dropFirst())) { values in
            switch values.command.first {
            case "prepare": return try Preparation.run(values)
            case "client": return try Client.run(values)
            case "growth": return try Growth.run(values)
            default:
                order = values
                return .ok
            }
        }
        guard let order else { exit(status.rawValue) }
        exit(await run(order).rawValue)
    }

    /// Apart, so that everything is taken down before the process exits.
    private static func run(_ order: CommandLineValues) async -> ExitStatus {
        do {
            return try await RepeatedRun.run(order)
        } catch {
            StandardError.write(line: "borderwire-bench: \(error)")
            return (error as? any ProgramError)?.exitStatus ?? .software
        }
    }
}
