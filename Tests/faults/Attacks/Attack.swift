/// Something that an enemy does to a hub, again and again until it is stopped.
struct Attack: Sendable {
    var name: String
    /// Settings of the hub that make its limit near; the defaults where there are none.
    var hubSettings = ""
    /// Descriptors that the hub may have; nil: as many as this process.
    var descriptors: Int?
    /// What is to be so before it begins.
    var prepare: @Sendable (Attacker) async throws -> Void = { _ in }
    /// Returns once the attacker is stopped. On a thread of its own.
    var body: @Sendable (Attacker) throws -> Void
    /// What is to be so when it is over.
    var review: @Sendable (Attacker, inout Row) async throws -> Void = { _, _ in }

    /// Each alone, and then several together.
    static let faults =
        all.map { Bystander.fault($0.name, [$0]) } + [Bystander.fault("all-at-once", together)]

    private static let all = [
        idleStrangers, helloFlood, requestFlood, subscriptions, largeMessages, unreadReplies, heavyAlerts,
        paddedAlerts, stolenKey, auditFlood, answerFlood,
    ]

    /// None of which needs settings of its own, or a key that another uses in the same way.
    private static let together = [helloFlood, requestFlood, subscriptions, heavyAlerts, stolenKey]
}
