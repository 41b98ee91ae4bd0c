import Settings

@main
struct Program {
    static func main() {
        commandLine.run { values in
            switch values.command.first {
            case "prepare": try Preparation.run(values)
            case "client": try Client.run(values)
            default: try Alone.run(values)
            }
        }
    }
}
