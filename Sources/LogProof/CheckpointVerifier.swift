internal import Alerts
public import Identity
internal import Notation
public import Wire

extension Checkpoint {
    public func signed(by key: SigningKey) -> SignedCheckpoint {
        SignedCheckpoint(self, signature: key.sign(Checkpoint.signedPrefix, encoded()))
    }
}

extension SignedCheckpoint {
    public func isSigned(by key: VerifyingKey) -> Bool {
        key.verify(signature: signature, over: Checkpoint.signedPrefix, checkpoint.encoded())
    }
}

/// Remembers the latest checkpoint that a hub has signed for each of its logs, and notices when a log is no longer a
/// continuation of it. A value; whoever holds it keeps ``kept`` somewhere durable.
///
/// A checkpoint is never replaced by another log's: a hub that shows a new log once, and then a fork of the old one, is
/// found out all the same.
public struct CheckpointVerifier: Sendable, Equatable {
    /// Logs remembered. The checkpoint of one more is refused: it takes a person to say which logs are over.
    public static let mostLogs = 16

    /// One for each log, in the order in which they were first seen; empty: the hub has been seen for the first time.
    public private(set) var kept: [SignedCheckpoint]
    private var hub: [VerifyingKey]

    /// - hub: its signing keys, of which each followed the one before. kept: from an earlier run.
    public init(hub: [VerifyingKey], kept: [SignedCheckpoint]) {
        self.hub = hub
        self.kept = kept
    }

    /// The same with one key.
    public init(hub: VerifyingKey, kept: [SignedCheckpoint]) {
        self.init(hub: [hub], kept: kept)
    }

    /// The hub has handed over to others: all of its keys now.
    public mutating func trust(_ keys: [VerifyingKey]) { hub = keys }

    /// The hub's log is not the one that it signed for.
    public struct Fork: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String

        public init(description: String) {
            self.description = description
        }
    }

    /// nil: nothing is kept of this log.
    public func kept(log: UInt64) -> SignedCheckpoint? { kept.first { $0.checkpoint.log == log } }

    /// A link to the hub is up and the hub has said where its log ends.
    /// - latest: the checkpoint that came with it.
    /// - Returns: the offset whose checkpoint must be asked for and given to ``confirm(_:)`` before anything else is believed;
    ///   nil when there is nothing to ask: nothing is kept of this log, or the latest one is the kept one.
    public func question(log: UInt64, head: UInt64, latest: SignedCheckpoint?) throws(Fork) -> UInt64? {
        if let latest { try check(latest) }
        guard let kept = kept(log: log)?.checkpoint else { return nil }
        guard kept.offset <= head else {
            throw Fork(
                description:
                    "the hub's log ends at offset \(head), and the hub had signed for offset \(kept.offset): "
                    + "alerts that were in the log are gone")
        }
        return latest?.checkpoint.offset == kept.offset ? nil : kept.offset
    }

    /// The hub's answer to a ``question(log:head:latest:)``.
    public func confirm(_ answer: SignedCheckpoint) throws(Fork) {
        try check(answer)
        guard let kept = kept(log: answer.checkpoint.log)?.checkpoint, kept.offset == answer.checkpoint.offset
        else { throw Fork(description: "the hub answers for another log or offset than it was asked for") }
    }

    /// A checkpoint that nothing speaks against: the latest of each log is kept.
    /// - Returns: whether ``kept`` has changed.
    public mutating func see(_ signed: SignedCheckpoint) throws(Fork) -> Bool {
        try check(signed)
        guard let index = kept.firstIndex(where: { $0.checkpoint.log == signed.checkpoint.log }) else {
            guard kept.count < CheckpointVerifier.mostLogs else {
                throw Fork(
                    description:
                        "the hub shows one more log, and checkpoints of \(CheckpointVerifier.mostLogs) others are kept"
                )
            }
            kept.append(signed)
            return true
        }
        guard kept[index].checkpoint.offset < signed.checkpoint.offset else { return false }
        kept[index] = signed
        return true
    }

    /// Whether the hub's key signed it, and nothing that is kept speaks against it.
    public func check(_ signed: SignedCheckpoint) throws(Fork) {
        guard hub.contains(where: { signed.isSigned(by: $0) }) else {
            throw Fork(description: "the hub sends a checkpoint that its key did not sign")
        }
        let (new, kept) = (signed.checkpoint, kept(log: signed.checkpoint.log)?.checkpoint)
        guard let kept, kept.offset == new.offset, kept.hash != new.hash || kept.root != new.root else {
            return
        }
        throw Fork(
            description: "the hub's log has forked: at offset \(kept.offset) it has hash "
                + "\(new.hash.hex.prefix(16))... and root \(new.root.hex.prefix(16))..., and on "
                + "\(kept.time.rfc3339()) the hub had signed \(kept.hash.hex.prefix(16))... and "
                + "\(kept.root.hex.prefix(16))...")
    }
}
