import Platform
import Settings

@main
struct Program {
    static func main() {
        let line = commandLine(user: currentUser() ?? "USER")
        line.run { values in
            switch values.command.first {
            case "open": try Commands.open(values)
            default: try Commands.run(values)
            }
        }
    }
}
