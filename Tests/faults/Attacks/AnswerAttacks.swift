import Alerts
import Platform
import ProcessHarness
import Wire
import ZeroMQ

/// An insider: a post that is on duty for the province of the honest, and a reader.
extension Attack {
    /// Connections of the reader.
    private static let askers = 4
    /// Alerts of the victim that it deals with.
    private static let targets = 20

    /// It calls alerts of an honest post mistaken, acknowledges them, and asks who has seen them and what may be about the
    /// same, all as fast as it can.
    static let answerFlood = Attack(
        name: "answer-flood",
        body: { attacker in
            let targets = try victims(attacker)
            guard !targets.isEmpty else { return }
            let post = try ForgedPost(
                attacker.hub, attacker.post.name, in: attacker.post.directory, province: "kampot")
            try post.sayHello(as: 1)
            guard try post.isUp() else { return }
            let client = try Hostile(attacker.hub)
            let security = try client.security(of: attacker.reader.name, in: attacker.reader.directory)
            let receiver = Receiver(mostFrames: 8)
            let all = try (0..<askers).map { _ in
                HostileConnection(try client.connected(.dealer, attacker.hub.controlPort, security))
            }
            var number: UInt64 = 0
            while attacker.goesOn {
                let target = targets[Int(number / 3) % targets.count]
                if post.mayGoOn {
                    try post.send(
                        (0..<4).map {
                            ForgedAlert(
                                from: attacker.post.name, province: "KH-7", to: target.id, of: target.kind,
                                acknowledges: $0 % 2 == 0)
                        })
                    attacker.did("answers to alerts", 4)
                }
                _ = try post.listen()
                for connection in all {
                    let id = target.id.description
                    for request in [
                        Request.find(.init(request: number + 1, alert: id)),
                        .related(.init(request: number + 2, alert: id)),
                        .seen(.init(request: number + 3, alert: id)),
                    ] { _ = try connection.watched.socket.send(request.frames()) }
                    number += 3
                    attacker.did("requests", 3)
                    let came = try connection.drain(receiver)
                    attacker.did("replies", came.replies - came.refusals)
                    attacker.did("refusals", came.refusals)
                }
                sleep(.milliseconds(5))
            }
        },
        review: { attacker, row in
            guard let target = try victims(attacker).first else { return }
            let shown = try await attacker.reader.run("show", [target.id.description, "--format", "json"])
            let alert = shown.output.first { $0.contains("\"msgType\":\"Alert\"") } ?? ""
            row.refusal(
                "hiding an alert by calling it mistaken",
                alert.contains("\"state\":\"active\"")
                    && alert.contains("\"disputed_by\":[\"\(attacker.post.name)\"]"),
                "\(alert.prefix(300)) \(shown.talk)")
        })

    /// The first alerts of the victim.
    private static func victims(_ attacker: Attacker) throws -> [(id: AlertID, kind: Kind)] {
        let known = try Stored.all(attacker.hub.database).lazy.filter { $0.post == attacker.victim.name }
        return known.compactMap { stored in
            guard let id = AlertID(stored.id), let kind = Kind(rawValue: stored.kind), kind != .sighting
            else { return nil }
            return (id, kind)
        }.prefix(targets).map { $0 }
    }
}
