import ProcessHarness
import Wire

/// What libzmq gathers before the hub sees any of it.
extension Attack {
    /// Longest wait for a cut: then the next one is tried.
    private static let patience = Duration.seconds(2)

    /// Bytes of a topic: as many as a frame of the hub's has room for, as its own have at most, and few.
    private static let lengths = [440, 180, 12]

    /// A reader subscribes to very many topics that nobody has.
    static let subscriptions = Attack(
        name: "subscriptions",
        body: { attacker in
            let client = try Hostile(attacker.hub)
            let security = try client.security(of: attacker.reader.name, in: attacker.reader.directory)
            var turn = 0
            while attacker.goesOn {
                let isCut = try client.subscribeWithoutEnd(
                    20_000, bytes: lengths[turn % lengths.count], attacker.feed, security, atMost: patience)
                attacker.did("subscriptions", 20_000)
                attacker.did("cuts", isCut ? 1 : 0)
                turn += 1
            }
        }, review: wasCut)

    /// A post sends messages of very many frames, none of which ends.
    static let largeMessages = Attack(
        name: "large-messages",
        body: { attacker in
            let client = try Hostile(attacker.hub)
            let security = try client.security(of: attacker.post.name, in: attacker.post.directory)
            var onControl = false
            while attacker.goesOn {
                let isCut = try client.sendEndlessMessage(
                    1_000, onControl: onControl, security, atMost: patience)
                attacker.did("messages of 60 MB")
                attacker.did("cuts", isCut ? 1 : 0)
                onControl.toggle()
            }
        }, review: wasCut)

    @Sendable private static func wasCut(_ attacker: Attacker, _ row: inout Row) async throws {
        if attacker.done["cuts"] ?? 0 == 0 { row.problems.append("the hub did not cut it") }
    }
}
