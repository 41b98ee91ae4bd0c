import Platform
import Settings

@main
struct Program {
    static func main() {
        commandLine.run { values in
            switch values.command.first {
            case "tail": try Commands.tail(values)
            case "search": try Commands.search(values)
            case "show": try Commands.show(values)
            case "export": try Commands.export(values)
            case "ack": try Commands.ack(values)
            case "related": try Commands.related(values)
            case "verify": try Commands.verify(values)
            case "provinces": try Commands.provinces(values)
            default: try Commands.keygen(values)
            }
        }
    }
}
