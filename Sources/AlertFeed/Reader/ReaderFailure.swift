internal import Alerts
internal import LogProof
internal import Printable
public import Platform
internal import Wire
internal import ZeroMQ

/// Why a reader can't go on, and what its analyst can do.
public struct ReaderFailure: ProgramError, Equatable, CustomStringConvertible {
    /// What was being done.
    public enum Operation: String, Sendable {
        /// Reaching the hub, and being let in.
        case connect
        /// Asking the hub for what may be read.
        case ask
        /// Holding what the hub shows against what it has signed.
        case verify
        /// Finding or keeping what lasts beyond a run: cursors, checkpoints, keys.
        case keep
        case print
    }

    public let operation: Operation
    /// What it was being done to.
    public let object: String
    /// A sentence that names both where they don't go without saying.
    public let cause: String
    public let remedy: String
    public let exitStatus: ExitStatus
    /// Of a refusal of the hub.
    let code: ReasonCode?
    public var isRefusal: Bool { code != nil }

    package init(
        _ operation: Operation, _ object: String, _ cause: String, remedy: String = "", status: ExitStatus
    ) {
        self.init(operation, object, cause, remedy: remedy, status: status, code: nil)
    }

    private init(
        _ operation: Operation, _ object: String, _ cause: String, remedy: String = "", status: ExitStatus,
        code: ReasonCode?
    ) {
        self.code = code
        self.operation = operation
        self.object = object
        self.cause = cause
        self.remedy = remedy
        exitStatus = status
    }

    /// Of any error that a reading can meet.
    init(_ error: any Error) {
        switch error {
        case let failure as ReaderFailure: self = failure
        case let error as ZeroMQError:
            self.init(.connect, "the hub", error.description, status: error.exitStatus)
        default:
            let status = (error as? any ProgramError)?.exitStatus ?? .osError
            self.init(.keep, "the reader's files", "\(error)", status: status)
        }
    }

    public var description: String { remedy.isEmpty ? cause : "\(cause); \(remedy)" }
}

extension ReaderFailure {
    /// - need: what lacks a place, as a sentence.
    package static func noState(_ need: String) -> ReaderFailure {
        ReaderFailure(
            .keep, "the state directory", need, remedy: "set state in the settings", status: .config)
    }
}

// Each way in which a link to the hub ends.
extension ReaderFailure {
    static func unreachable(_ obstacle: String?) -> ReaderFailure {
        ReaderFailure(
            .connect, "the hub", "the hub can't be reached" + (obstacle.map { ": \($0)" } ?? ""),
            remedy: "see [hub] in the settings, and the network", status: .unavailable)
    }

    static let notAuthorised = ReaderFailure(
        .connect, "the hub", "the hub does not know this key: key not authorised",
        remedy: "have the .pub file enrolled, and check the hub's key in the settings", status: .noPermission)

    static func nothingGranted(_ identity: String) -> ReaderFailure {
        ReaderFailure(
            .ask, "the hub", "\(identity) may not read anything",
            remedy: "ask the hub's operator for a grant",
            status: .noPermission)
    }

    /// - missing: as a grant would name it.
    static func notGranted(_ missing: String, of grant: Grant, to identity: String) -> ReaderFailure {
        ReaderFailure(
            .ask, "the hub",
            "\(identity) may not read \(missing): it is granted \(grant.texts.joined(separator: ", "))",
            remedy: "ask the hub's operator for a grant", status: .noPermission)
    }

    static func grantChanged(_ identity: String) -> ReaderFailure {
        ReaderFailure(
            .ask, "the hub", "the grant of \(identity) has changed", remedy: "start again",
            status: .noPermission)
    }

    /// - namesCode: whether the code is of interest.
    static func refused(_ refused: Reply.Refused, namesCode: Bool = true) -> ReaderFailure {
        let code = namesCode ? " (\(printable(refused.code.rawValue)))" : ""
        return ReaderFailure(
            .ask, "the hub", "the hub refuses\(code): \(printable(refused.reason))",
            status: refused.code == .grant ? .noPermission : .unavailable, code: refused.code)
    }

    static func broken(_ words: String) -> ReaderFailure {
        ReaderFailure(
            .ask, "the hub", "the hub does not keep to the protocol: \(words)", status: .software)
    }

    static let unexpected = broken("another answer than was asked for")

    static func standstill(_ time: Duration, _ excuse: String?) -> ReaderFailure {
        ReaderFailure(
            .ask, "the hub",
            "no answer for \(time.components.seconds) s" + (excuse.map { "; the hub says: \($0)" } ?? "")
                + ": what was printed is exact, but not all of it",
            remedy: "try again later, from where this ended", status: .unavailable)
    }

    static func alertsGone(end: UInt64, before position: UInt64) -> ReaderFailure {
        ReaderFailure(
            .verify, "the hub's log",
            "the hub's log ends at offset \(end), and it had gone to \(position): alerts are gone",
            remedy: "tell the hub's operator", status: .dataError)
    }

    static func logTooShort(end: UInt64, _ after: UInt64) -> ReaderFailure {
        ReaderFailure(
            .verify, "the hub's log", "the hub's log ends at offset \(end), before \(after)",
            remedy: "the hub was restored from an older copy, or --since is wrong", status: .dataError)
    }

    static let otherLog = ReaderFailure(
        .verify, "the hub's log",
        "the hub has another log than before: it was restored from a copy, or set up anew, and offsets of the former "
            + "log mean nothing there",
        remedy: "begin a new cursor, with --since where its predecessor ended", status: .dataError)

    /// - kept: the file of the checkpoints that are kept; nil: none is.
    static func forked(_ fork: CheckpointVerifier.Fork, kept path: String?) -> ReaderFailure {
        ReaderFailure(
            .verify, "the hub's log", fork.description,
            remedy: path.map {
                "tell the hub's operator, and keep \($0), which the hub's own signature makes a proof; to follow this hub "
                    + "all the same, move it away"
            } ?? "tell the hub's operator", status: .dataError)
    }
}
