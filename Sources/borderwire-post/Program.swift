import Platform
import Settings

@main
struct Program {
    static func main() {
        let arguments = Questions.answered(Array(CommandLine.arguments.dropFirst()))
        commandLine.run(arguments) { values in
            switch values.command.first {
            case "run": try Commands.run(values)
            case "publish": try Commands.publish(values)
            case "ack": try Commands.ack(values)
            case "show": try Commands.show(values)
            case "new-epoch": try Commands.newEpoch(values)
            default: try Commands.status(values)
            }
        }
    }
}
