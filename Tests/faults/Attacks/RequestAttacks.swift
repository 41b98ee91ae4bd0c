import Platform
import ProcessHarness
import Wire
import ZeroMQ

/// One key that may read, and asks.
extension Attack {
    private static let connections = 30
    /// Of ``WireLimits``: an alert that is not there still has to be looked for.
    private static let unknownAlert = "01935b7e-8e00-7000-8000-000000000000"

    /// It asks for pages, threads, places and welcomes over all its connections, and reads the answers.
    static let requestFlood = Attack(name: "request-flood") { attacker in
        var number: UInt64 = 0
        try ask(attacker, unread: 0) { connection in
            for request in [
                Request.find(.init(request: number, alert: unknownAlert)),
                .hello(.init(request: number + 1, program: "enemy")),
                .replay(.init(request: number + 2, after: 0, topics: [])),
                .locate(.init(request: number + 3, since: Int64(number))),
            ] { _ = try connection.watched.socket.send(request.frames()) }
            number += 4
            return 4
        }
    }

    /// It asks for the log from its beginning, and does not read the answers.
    static let unreadReplies = Attack(name: "unread-replies") { attacker in
        var number: UInt64 = 0
        try ask(attacker, unread: 1) { connection in
            number += 1
            let replay = Request.replay(.init(request: number, after: 0, topics: []))
            return try connection.watched.socket.send(replay.frames()) ? 1 : 0
        }
    }

    /// Different reads of one identity that are recorded within an hour.
    private static let auditRows = 500

    /// It reads so much that what it read first would be forgotten.
    static let auditFlood = Attack(
        name: "audit-flood",
        hubSettings: """
            [limits]
            audit_rows = \(auditRows)

            [retention]
            audit_size = "1MiB"
            """,
        prepare: { attacker in _ = try await attacker.reader.run("show", [unknownAlert]) },
        body: { attacker in
            var number: UInt64 = 0
            try ask(attacker, unread: 0) { connection in
                number += 1
                let locate = Request.locate(.init(request: number, since: Int64(number) * 1_000))
                return try connection.watched.socket.send(locate.frames()) ? 1 : 0
            }
        },
        review: { attacker, row in
            let account = try await attacker.hub.run(
                "audit", ["--identity", attacker.reader.name, "--format", "json"])
            try account.expect(0, "audit")
            let finds = account.output.count { $0.contains(#""find""#) && $0.contains(unknownAlert) }
            row.refusal("forgetting what the enemy read first", finds > 0, "\(account.output.prefix(3))")
            // Some of an hour's come back while it asks.
            row.refusal(
                "more reads than are recorded", account.output.count <= auditRows + 10,
                "\(account.output.count) are recorded")
        })

    /// As fast as its client lets it, over connections that come again when they are cut.
    private static func ask(
        _ attacker: Attacker, unread: Int32, _ send: (HostileConnection) throws -> Int
    ) throws {
        let client = try Hostile(attacker.hub)
        let security = try client.security(of: attacker.reader.name, in: attacker.reader.directory)
        let receiver = Receiver(mostFrames: 8)
        let all = try (0..<connections).map { _ in
            HostileConnection(
                try client.connected(.dealer, attacker.hub.controlPort, security, unread: unread))
        }
        while attacker.goesOn {
            for connection in all {
                attacker.did("requests", try send(connection))
                if unread == 0 {
                    let came = try connection.drain(receiver)
                    attacker.did("answers", came.replies - came.refusals)
                    attacker.did("refusals", came.refusals)
                }
            }
            sleep(.milliseconds(5))
        }
    }
}
