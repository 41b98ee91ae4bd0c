import Glibc
import Platform
import ProcessHarness
import Settings

@main
struct Program {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.isEmpty || arguments == ["CONSOLE"] || arguments == ["CLUSTER"] else {
            StandardError.write(
                line:
                    "borderwire-demo: shows an invented day, and ends by itself; with CONSOLE it leaves the day's page open until Ctrl-C; with CLUSTER three hubs over two PostgreSQL servers fail instead"
            )
            exit((arguments == ["--help"] ? ExitStatus.ok : .usage).rawValue)
        }
        exit(await (arguments == ["CLUSTER"] ? runCluster() : run(hasConsole: !arguments.isEmpty)).rawValue)
    }

    /// Apart, so that the testbed is taken down before the process exits.
    private static func runCluster() async -> ExitStatus {
        do {
            return try await ClusterDemo().run() ? .ok : .software
        } catch {
            talk("\(error)")
            return (error as? any ProgramError)?.exitStatus ?? .software
        }
    }

    private static func run(hasConsole: Bool) async -> ExitStatus {
        do {
            return try await Demo(hasConsole: hasConsole).run() ? .ok : .software
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
