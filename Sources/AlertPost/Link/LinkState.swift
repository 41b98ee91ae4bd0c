internal import Alerts
internal import Printable
package import LogProof
package import Wire

extension PostLink {
    package enum State: Sendable, Equatable {
        /// No connection to the hub's control socket.
        case down
        /// Said hello.
        case greeting(request: UInt64, since: Duration)
        /// The hub must show that its log continues the one that it had signed for.
        case verifying(UnverifiedWelcome, since: Duration)
        /// The hub was restored from an older copy: what it lacks is to wait in the outbox again.
        case reopening(Reply.Welcome, since: Duration)
        /// Welcomed. Nothing is sent until it is known what became of the alerts that the hub has consumed, or the time is
        /// over: if it has others under their sequences, none may follow them in this epoch.
        case settling(until: Duration)
        /// Alerts are sent while the ingest socket is up, unless the hub has asked for a pause.
        case sending(pausedUntil: Duration?)
        /// The hub refuses this post, or the post refuses the hub's log; the operator must act.
        case refused(Refusal, reason: String, since: Duration)
    }

    /// Why the post may not send.
    package enum Refusal: Sendable, Hashable, CustomStringConvertible {
        /// The hub does not know the post's key.
        case key
        /// The hub's log is not the one that it had signed for.
        case fork
        /// The hub lacks alerts that it had stored.
        case hubBehind
        /// The hub's own word.
        case hub(ReasonCode)

        package var description: String {
            switch self {
            case .key: "key"
            case .fork: "fork"
            case .hubBehind: "hub-behind"
            case .hub(let code): printable(code.rawValue)
            }
        }

        /// How long the post waits before it greets again; nil: there is no connection on which it could, and it greets over
        /// the next one.
        var pause: Duration? {
            switch self {
            case .key: nil
            case .hub(.inUse): PostLink.inUsePause
            case .fork, .hubBehind, .hub: PostLink.refusedPause
            }
        }
    }

    /// The word for the state in a post's status: `down`, `greeting`, `welcomed`, `up` or `refused`.
    package var word: String {
        switch state {
        case .down: "down"
        case .greeting, .verifying, .reopening: "greeting"
        case .settling, .sending: isIngestUp ? "up" : "welcomed"
        case .refused: "refused"
        }
    }

    /// Whether the hub's welcome is believed.
    var isWelcomed: Bool {
        switch state {
        case .settling, .sending: true
        case .down, .greeting, .verifying, .reopening, .refused: false
        }
    }
}

/// The send window of an epoch: what the hub has consumed, and what was sent beyond that. A value.
struct SendWindow: Sendable {
    /// The hub has consumed everything up to here.
    private(set) var consumed: UInt64 = 0
    /// Sent up to here since the hub last said where it stands.
    private(set) var sent: UInt64 = 0
    /// The outbox may hold alerts after ``sent``.
    var mayHaveMore = true
    /// Alerts whose seal the hub does not take: their numbers are used up by a sealed message without a payload.
    var givenUp: Set<UInt64> = []
    /// When the hub last answered to what was sent, or it was sent.
    var progress = Duration.zero

    var inFlight: UInt64 { sent > consumed ? sent - consumed : 0 }
    var room: Int { WireLimits.window - Int(min(inFlight, UInt64(WireLimits.window))) }

    /// Whether a sequence was sent and not answered.
    func isOpen(_ sequence: UInt64) -> Bool { sequence > consumed && sequence <= sent }

    /// The hub has consumed everything up to this sequence, and nothing after it.
    mutating func start(after sequence: UInt64, _ now: Duration) {
        (consumed, sent) = (sequence, sequence)
        mayHaveMore = true
        progress = now
    }

    /// The hub wants this sequence next.
    mutating func resume(from next: UInt64, _ now: Duration) {
        goBack(to: next - 1)
        consumed = min(consumed, sent)
        progress = now
    }

    /// Everything after the sequence is sent again.
    mutating func goBack(to sequence: UInt64) {
        sent = sequence
        mayHaveMore = true
    }

    /// - Returns: whether the sequence was next.
    mutating func send(_ sequence: UInt64) -> Bool {
        guard sequence == sent + 1 else { return false }
        sent = sequence
        return true
    }

    /// - Returns: whether the hub has consumed more than before.
    mutating func acknowledge(through sequence: UInt64, _ now: Duration) -> Bool {
        guard sequence > consumed else { return false }
        consumed = sequence
        givenUp = givenUp.filter { $0 > sequence }
        sent = max(sent, sequence)
        progress = now
        return true
    }
}
