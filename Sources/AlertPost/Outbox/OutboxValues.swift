public import Alerts
public import Wire

extension Outbox {
    /// An alert as it goes into the outbox, made for the sequence that it gets.
    public struct Draft: Sendable, Equatable {
        /// The alert's `id`, a UUID's 16 bytes.
        public var id: [UInt8]
        /// The code of its first province.
        public var origin: String
        public var signed: SignedAlert
        /// Alerts that it refers to, and whether it says that whoever they sought is safe.
        public var references: [[UInt8]]
        public var isSafe: Bool

        public init(
            id: [UInt8], origin: String, signed: SignedAlert, references: [[UInt8]] = [], isSafe: Bool = false
        ) {
            self.id = id
            self.origin = origin
            self.signed = signed
            self.references = references
            self.isSafe = isSafe
        }
    }

    /// An alert that waits for the hub's answer.
    public struct Entry: Sendable, Equatable {
        public var sequence: UInt64
        public var queued: Timestamp
        public var id: [UInt8]
        /// The code of its first province; empty where its payload, queued by an earlier version, tells none.
        public var origin: String
        public var signed: SignedAlert
        /// Its content was erased (``Outbox/carryOutErasures()``): only its number can still be sent.
        public var isErased: Bool

        package init(
            sequence: UInt64, queued: Timestamp, id: [UInt8], origin: String, signed: SignedAlert,
            isErased: Bool = false
        ) {
            self.isErased = isErased
            self.sequence = sequence
            self.queued = queued
            self.id = id
            self.origin = origin
            self.signed = signed
        }
    }

    /// Consecutive sequences of one epoch; none of them when the range is empty.
    public struct Stretch: Sendable, Equatable {
        public var epoch: UInt64
        public var sequences: Range<UInt64>

        public init(epoch: UInt64, sequences: Range<UInt64>) {
            self.epoch = epoch
            self.sequences = sequences
        }
    }

    /// What the hub said of one sequence.
    public enum Answer: Sendable, Equatable {
        /// It is in the national log, on disk, at this offset.
        case stored(sequence: UInt64, offset: UInt64)
        /// The hub will never take it. `code` is a short word for programs, `reason` a sentence for people.
        case rejected(sequence: UInt64, code: String, reason: String)

        public var sequence: UInt64 {
            switch self {
            case .stored(let sequence, _), .rejected(let sequence, _, _): sequence
            }
        }
    }

    /// Which alerts the hub means by consecutive sequences of the current epoch.
    public struct Check: Sendable, Equatable {
        public var sequences: ClosedRange<UInt64>
        public var sum: AlertSum

        public init(sequences: ClosedRange<UInt64>, sum: AlertSum) {
            self.sequences = sequences
            self.sum = sum
        }
    }

    /// What came of answers.
    public struct Resolution: Sendable, Equatable {
        /// Alerts that got their answer.
        public var count = 0
        /// The first sequences under which the hub has other alerts than the outbox: their answers were not taken.
        public var conflict: ClosedRange<UInt64>?
    }

    /// What became of an alert.
    public enum State: Sendable, Equatable {
        case queued
        case stored(offset: UInt64, at: Timestamp)
        case rejected(code: String, reason: String, at: Timestamp)
    }

    public struct Status: Sendable, Equatable {
        public var sequence: UInt64
        public var id: [UInt8]
        public var queued: Timestamp
        public var state: State
    }

    /// What ``reopen(after:)`` found.
    public struct Reopened: Sendable, Equatable {
        /// Alerts after the sequence that wait for the hub now.
        public var count: Int
        /// Sequences after it that the outbox no longer has, at most ``mostMissing`` ranges of them.
        public var missing: [ClosedRange<UInt64>]

        public static let mostMissing = 20

        package init(count: Int, missing: [ClosedRange<UInt64>]) {
            self.count = count
            self.missing = missing
        }
    }

    public struct Summary: Sendable, Equatable {
        public var epoch: UInt64
        /// The last sequence given in this epoch; 0 before the first.
        public var last: UInt64
        /// Alerts that wait for the hub.
        public var depth: Int
        /// The alert that has waited longest; nil when none waits.
        public var oldest: Oldest?
        /// Rejected alerts that the outbox still holds.
        public var rejected: Int

        package init(epoch: UInt64, last: UInt64, depth: Int, oldest: Oldest?, rejected: Int) {
            self.epoch = epoch
            self.last = last
            self.depth = depth
            self.oldest = oldest
            self.rejected = rejected
        }

        public struct Oldest: Sendable, Equatable {
            public var sequence: UInt64
            public var queued: Timestamp

            package init(sequence: UInt64, queued: Timestamp) {
                self.sequence = sequence
                self.queued = queued
            }
        }
    }
}
