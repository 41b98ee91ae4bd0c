import Settings

@main
struct Program {
    static func main() {
        commandLine.run { values in
            switch values.command.first {
            case "run": try Commands.run(values)
            case "publish": try Commands.publish(values)
            case "new-epoch": try Commands.newEpoch(values)
            default: try Commands.status(values)
            }
        }
    }
}
