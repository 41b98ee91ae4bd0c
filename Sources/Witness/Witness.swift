internal import Alerts
public import Identity
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

/// Remembers the latest checkpoint that a hub has signed, and notices when the hub's log is no longer a continuation of it.
/// A value; whoever holds it keeps ``kept`` somewhere durable.
public struct Witness: Sendable, Equatable {
    /// nil: the hub has been seen for the first time.
    public private(set) var kept: SignedCheckpoint?
    private let hub: VerifyingKey

    /// - kept: from an earlier run.
    public init(hub: VerifyingKey, kept: SignedCheckpoint?) {
        self.hub = hub
        self.kept = kept
    }

    /// The hub's log is not the one that it signed for.
    public struct Fork: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// A link to the hub is up and the hub has said where its log ends.
    /// - latest: the checkpoint that came with it.
    /// - Returns: the offset whose hash must be asked for and given to ``confirm(_:)`` before anything else is believed;
    ///   nil when there is nothing to ask: nothing is kept, or it is of another log, or the latest one is the kept one.
    public func question(log: UInt64, head: UInt64, latest: SignedCheckpoint?) throws(Fork) -> UInt64? {
        guard let kept = kept?.checkpoint, kept.log == log else { return nil }
        guard kept.offset <= head else {
            throw Fork(
                description:
                    "the hub's log ends at offset \(head), and the hub had signed for offset \(kept.offset): "
                    + "alerts that were in the log are gone")
        }
        if let latest, latest.checkpoint.offset == kept.offset {
            try check(latest)
            return nil
        }
        return kept.offset
    }

    /// The hub's answer to a ``question(log:head:latest:)``.
    public func confirm(_ answer: SignedCheckpoint) throws(Fork) {
        try check(answer)
        guard let kept = kept?.checkpoint else { return }
        guard answer.checkpoint.log == kept.log, answer.checkpoint.offset == kept.offset else {
            throw Fork(description: "the hub answers for another offset than it was asked for")
        }
    }

    /// Any checkpoint that the hub sends: the latest is kept.
    /// - Returns: whether ``kept`` has changed.
    public mutating func see(_ signed: SignedCheckpoint) throws(Fork) -> Bool {
        try check(signed)
        if let kept = kept?.checkpoint, kept.log == signed.checkpoint.log,
            kept.offset >= signed.checkpoint.offset
        {
            return false
        }
        kept = signed
        return true
    }

    private func check(_ signed: SignedCheckpoint) throws(Fork) {
        guard signed.isSigned(by: hub) else {
            throw Fork(description: "the hub sends a checkpoint that its key did not sign")
        }
        guard let kept = kept?.checkpoint, kept.log == signed.checkpoint.log,
            kept.offset == signed.checkpoint.offset, kept.hash != signed.checkpoint.hash
        else { return }
        throw Fork(
            description: "the hub's log has forked: at offset \(kept.offset) it has hash "
                + "\(signed.checkpoint.hash.hex.prefix(16))..., and on \(kept.time.rfc3339()) the hub had signed "
                + "\(kept.hash.hex.prefix(16))...")
    }
}
