import Glibc
import Platform
import ProcessHarness
import Wire

extension Attack {
    /// Connections that a stranger holds at once.
    private static let held = 1_000

    /// A stranger makes connections that say nothing, many more than the hub has descriptors for.
    static let idleStrangers = Attack(
        name: "idle-strangers", descriptors: 400, body: stayIdle,
        review: { attacker, row in
            let descriptors = try await attacker.hub.status().descriptors
            if descriptors?.cut ?? 0 == 0 { row.problems.append("the hub had to cut none of them") }
        })

    @Sendable private static func stayIdle(_ attacker: Attacker) throws {
        let client = try Hostile(attacker.hub)
        let ports = [attacker.hub.controlPort, attacker.hub.ingestPort]
        var open: [Int32] = []
        defer { for descriptor in open { close(descriptor) } }
        while attacker.goesOn {
            for port in ports {
                let new = client.connections(10, port, sending: [])
                attacker.did("idle connections", new.count)
                open += new
            }
            for descriptor in open.prefix(max(0, open.count - held)) { close(descriptor) }
            open.removeFirst(max(0, open.count - held))
            sleep(.milliseconds(5))
        }
    }
}
