import Glibc
import Settings
import Stage

@main
struct Program {
    static func main() async {
        exit(await run().rawValue)
    }

    /// Apart, so that the stage is taken down before the process exits.
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
