internal import Identity
internal import Settings
internal import Wire
internal import LogProof

/// The latest checkpoint of each of the hub's logs up to which this reader has verified its stream, beside a cursor: so that
/// a hub whose log has forked since is refused. Used from the reading thread.
final class CheckpointKeeper {
    /// nil: kept in memory only.
    private let file: CheckpointFile?
    private let hub: KnownHub
    private var witness: CheckpointVerifier

    /// - path: of the file, which need not be there; nil keeps nothing beyond this run.
    init(_ path: String?, hub: KnownHub) throws(FileError) {
        file = path.map { CheckpointFile($0) }
        self.hub = hub
        witness = CheckpointVerifier(hub: hub.keys.map(\.signing), kept: try file?.read() ?? [])
    }

    /// - Returns: the offset whose checkpoint must be asked for before the hub's stream is believed; nil where none is kept of
    ///   this log.
    func question(_ welcome: Reply.Welcome) throws(ReaderFailure) -> UInt64? {
        try refusing { () throws(CheckpointVerifier.Fork) in
            _ = try witness.question(
                log: welcome.log.value, head: welcome.offset, latest: welcome.checkpoint)
        }
        return witness.kept(log: welcome.log.value)?.checkpoint.offset
    }

    /// The hub may have handed over to another key since.
    func followKeys() { witness.trust(hub.keys.map(\.signing)) }

    func confirm(_ answer: SignedCheckpoint) throws(ReaderFailure) {
        try refusing { () throws(CheckpointVerifier.Fork) in try witness.confirm(answer) }
    }

    func check(_ checkpoint: SignedCheckpoint?) throws(ReaderFailure) {
        guard let checkpoint else { return }
        try refusing { () throws(CheckpointVerifier.Fork) in try witness.check(checkpoint) }
    }

    /// The stream was verified up to this one. On disk when this returns.
    func keep(_ checkpoint: SignedCheckpoint) throws {
        let isNew = try refusing { () throws(CheckpointVerifier.Fork) in try witness.see(checkpoint) }
        if isNew { try file?.write(witness.kept) }
    }

    /// The chains that a reply names, as far as the checkpoint in it proves them.
    func marks(in answer: Reply.Checkpoint) throws(ReaderFailure) -> [UInt32: (
        topic: String, mark: TopicMark
    )] {
        try refusing { () throws(CheckpointVerifier.Fork) in try ChainProof.marks(in: answer) }
    }

    func refusal(_ words: String) -> ReaderFailure {
        ReaderFailure(CheckpointVerifier.Fork(description: words), kept: file?.path)
    }

    private func refusing<Value>(_ work: () throws(CheckpointVerifier.Fork) -> Value) throws(ReaderFailure)
        -> Value
    {
        do throws(CheckpointVerifier.Fork) { return try work() } catch {
            throw ReaderFailure(error, kept: file?.path)
        }
    }
}

extension ReaderFailure {
    /// - kept: the file of the checkpoints that are kept; nil: none is.
    init(_ fork: CheckpointVerifier.Fork, kept path: String?) {
        self.init(
            fork.description,
            remedy: path.map {
                "tell the hub's operator, and keep \($0), which the hub's own signature makes a proof; to follow this hub "
                    + "all the same, move it away"
            } ?? "tell the hub's operator", status: .dataError)
    }
}
