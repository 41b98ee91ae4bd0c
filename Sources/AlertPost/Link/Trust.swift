internal import Alerts
internal import Identity
internal import Wire
internal import LogProof

/// Whether the hub's log still continues the one that this post knows, by the checkpoints that the hub has signed. A value
/// without I/O.
struct Trust: Sendable {
    /// How often a new checkpoint is kept while the link is up; the first of a link always is.
    static let keeping = Duration.seconds(60)

    /// nil: the hub is taken on trust.
    private var witness: CheckpointVerifier?
    /// A welcome that is not believed until the hub has answered for the kept checkpoint.
    private var doubted: Reply.Welcome?
    private var nextKeeping: Duration = .zero

    init(_ witness: CheckpointVerifier?) { self.witness = witness }

    /// - Returns: the offset for which the hub must show its checkpoint before the welcome is believed; nil: believed at once.
    mutating func doubt(_ welcome: Reply.Welcome) throws(CheckpointVerifier.Fork) -> UInt64? {
        doubted = nil
        let question = try witness?.question(
            log: welcome.log.value, head: welcome.offset, latest: welcome.checkpoint)
        if question != nil { doubted = welcome }
        return question
    }

    /// - Returns: the welcome that waited for the answer; nil when none did.
    mutating func vouched(_ answer: SignedCheckpoint) throws(CheckpointVerifier.Fork) -> Reply.Welcome? {
        guard let welcome = doubted else { return nil }
        doubted = nil
        try witness?.confirm(answer)
        return welcome
    }

    /// - Returns: whether the checkpoint should be kept on disk now.
    mutating func see(_ checkpoint: SignedCheckpoint, _ now: Duration) throws(CheckpointVerifier.Fork) -> Bool
    {
        guard try witness?.see(checkpoint) == true, now >= nextKeeping else { return false }
        nextKeeping = now + Trust.keeping
        return true
    }

    /// The hub's signing keys, all of them.
    mutating func trust(_ keys: [VerifyingKey]) { witness?.trust(keys) }

    /// Whether the kept checkpoint is of this log.
    func knows(log: UInt64) -> Bool { witness?.kept(log: log) != nil }

    /// What is to be kept on disk.
    var kept: [SignedCheckpoint] { witness?.kept ?? [] }
}
