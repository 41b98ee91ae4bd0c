internal import Identity
internal import Settings
internal import Wire
internal import Witness

/// The hub's latest checkpoint, kept beside a cursor, so that a hub whose log has forked since is refused. Used from the
/// reading thread.
final class CheckpointKeeper {
    /// At the most so often the file is written while a feed runs; at the end it always is.
    static let pause = Duration.seconds(10)

    private let file: CheckpointFile
    private var witness: Witness
    private var isSaved = true
    private var nextSave = Duration.zero

    /// - path: of the file; it need not be there.
    init(_ path: String, hub: PublicKeys) throws(FileError) {
        file = CheckpointFile(path)
        witness = Witness(hub: hub.signing, kept: try file.read())
    }

    /// - Returns: the offset to ask the hub's word for before its stream is believed; nil when there is nothing to ask.
    func question(_ welcome: Reply.Welcome) throws(ReaderFailure) -> UInt64? {
        try refusing { () throws(Witness.Fork) in
            try witness.question(
                log: welcome.log.value, head: welcome.offset, latest: welcome.checkpoint)
        }
    }

    func confirm(_ answer: SignedCheckpoint) throws(ReaderFailure) {
        try refusing { () throws(Witness.Fork) in try witness.confirm(answer) }
    }

    func see(_ checkpoint: SignedCheckpoint?, _ now: Duration) throws {
        guard let checkpoint else { return }
        let isNew = try refusing { () throws(Witness.Fork) in try witness.see(checkpoint) }
        if isNew { isSaved = false }
        if !isSaved, now >= nextSave {
            nextSave = now + CheckpointKeeper.pause
            try save()
        }
    }

    func save() throws(FileError) {
        guard !isSaved, let kept = witness.kept else { return }
        try file.write(kept)
        isSaved = true
    }

    private func refusing<Value>(_ work: () throws(Witness.Fork) -> Value) throws(ReaderFailure) -> Value {
        do throws(Witness.Fork) { return try work() } catch { throw ReaderFailure(error, kept: file.path) }
    }
}

extension ReaderFailure {
    init(_ fork: Witness.Fork, kept path: String) {
        self.init(
            fork.description,
            remedy:
                "tell the hub's operator, and keep \(path), which the hub's own signature makes a proof; to follow "
                + "this hub all the same, move it away", status: .dataError)
    }
}
