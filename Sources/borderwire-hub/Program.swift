import Platform
import Settings

@main
struct Program {
    static func main() {
        commandLine.run { values in
            switch values.command.first {
            case "run": try Commands.run(values)
            case "check": try Commands.check(values)
            case "migrate": try Commands.migrate(values)
            case "enroll": try Commands.enroll(values)
            case "seen": try Commands.seen(values)
            case "statistics": try Commands.statistics(values)
            case "page": try Commands.page(values)
            case "revoke": try Commands.revoke(values)
            case "withdraw": try Commands.withdraw(values)
            case "erase": try Commands.erase(values)
            case "audit": try Commands.audit(values)
            case "backup": try Commands.backup(values)
            case "restore": try Commands.restore(values)
            case "clock": try Commands.clock(values)
            case "rotate-key": try Commands.rotateKey(values)
            case "purge": try Commands.purge(values)
            case "verify": try Commands.verify(values)
            case "registry": try Commands.registry(values)
            case "identities": try Commands.identities(values)
            default: try Commands.status(values)
            }
        }
    }
}
