import Alerts
import Identity
import Platform
import ProcessHarness
import SQLite
import Wire

/// Those who have the key of a post.
extension Attack {
    /// Alerts that it sends at once: as many as one signature seals.
    private static let run = Seal.usualRun
    /// Fields of a costly alert: with their values, as many JSON values as the hub reads.
    private static let fields = Alert.Limits.values / 2 - 2
    /// Letters of a description, each of which takes six bytes or twelve as JSON may have them: with all else some 64 KiB.
    private static let letters = 2_650

    /// A post sends alerts that cost much to refuse, as fast as the hub lets it.
    static let heavyAlerts = Attack(name: "heavy-alerts") { attacker in
        try send(attacker) { ForgedAlert(costly: fields) }
    }

    /// A post sends alerts of the largest size, all of which are stored, as fast as the hub lets it.
    static let paddedAlerts = Attack(name: "padded-alerts") { attacker in
        // Gothic letters, in words.
        let word = String(repeating: #"\ud800\udf30"#, count: 9) + " "
        let text = String(repeating: word, count: letters / 10)
        try send(attacker) {
            ForgedAlert(from: attacker.post.name, province: "KH-7", describing: text)
        }
    }

    /// A second machine has an honest post's CURVE key: it says that it is the post, and sends alerts without its signature
    /// in its name, in epochs of its own and in the post's.
    static let stolenKey = Attack(
        name: "stolen-key",
        body: { attacker in
            let victim = attacker.victim
            let machines = try [nil, epoch(of: victim)].map {
                try ForgedPost(
                    attacker.hub, victim.name, in: victim.directory, province: victim.name, epoch: $0)
            }
            for machine in machines where try !machine.isUp() { attacker.did("machines that stayed out") }
            var instance = UInt64.random(in: 1...WireLimits.number)
            while attacker.goesOn {
                for machine in machines {
                    instance += 1
                    try machine.sayHello(as: instance)
                    try machine.send((0..<run).map { _ in ForgedAlert(costly: 10) }, isSealed: false)
                    attacker.did("unsealed alerts", run)
                    attacker.did("answers", try machine.listen())
                }
                sleep(.milliseconds(5))
            }
        },
        review: { attacker, row in
            let dropped = try await attacker.hub.status().dropped
            row.notes.append("dropped: \(dropped.sorted { $0.key < $1.key })")
            if dropped["session"] ?? 0 == 0 { row.problems.append("none of its alerts was dropped") }
        })

    private static func send(_ attacker: Attacker, _ alert: () -> ForgedAlert) throws {
        let post = try ForgedPost(
            attacker.hub, attacker.post.name, in: attacker.post.directory, province: "kampot")
        try post.sayHello(as: 1)
        guard try post.isUp() else { return }
        while attacker.goesOn {
            if post.mayGoOn {
                let alerts = (0..<run).map { _ in alert() }
                try post.send(alerts)
                attacker.did("alerts", alerts.count)
                attacker.did("KB", alerts.reduce(0) { $0 + $1.payload.count } / 1_000)
            }
            attacker.did("answers", try post.listen())
            sleep(.milliseconds(5))
        }
    }

    private static func epoch(of post: TestPost) throws -> UInt64? {
        let connection = try Connection(path: post.outbox, mode: .read, busyTimeout: .seconds(5))
        defer { try? connection.close() }
        let rows = try connection.statement("SELECT epoch FROM outbox")
        return try rows.step() ? rows.unsigned(0) : nil
    }
}
