internal import Wire

/// What the hub counts since its start. The loop's own; others see copies of it.
struct HubCounters: Sendable, Equatable {
    /// Messages on ingest from an identity of the registry, whatever became of them.
    var received: UInt64 = 0
    /// Durable alerts, and ones refused durably, by code.
    private(set) var stored: UInt64 = 0
    private(set) var refused: [ReasonCode: UInt64] = [:]
    /// Sightings that call an alert mistaken, by who wrote the alert.
    var mistaken: [String: UInt64] = [:]
    /// Answers that name alerts as possibly about the same, or say that there is one; and those of them to who may not read it.
    var related: UInt64 = 0
    var relatedHidden: UInt64 = 0
    /// Commits that did not succeed, after which the posts send again.
    var failedCommits: UInt64 = 0
    /// From the moment the loop took an alert to the moment its answer was handed to libzmq.
    var answer = Histogram()
    /// One transaction, its flush included.
    var commit = Histogram()

    /// Every code with which an alert may be refused: each shows from the start, so that its first refusal is an increase.
    static let codes: [ReasonCode] = [
        .clock, .grant, .id, .reference, .schema, .sender, .signature, .size, .topic,
    ]

    mutating func store(_ alerts: Int) { stored &+= UInt64(clamping: alerts) }
    mutating func refuse(_ code: ReasonCode) { refused[code, default: 0] &+= 1 }
}
