public import Platform

/// Why the store could not do what it was asked.
public struct StoreError: ProgramError, Equatable, CustomStringConvertible {
    public enum Cause: Sendable, Equatable {
        /// No room on the disk: try again when there is.
        case full
        /// The path can't be written (modes, read-only mount).
        case readOnly
        /// There is no database at the path yet.
        case missing
        /// A newer program made this database.
        case newerVersion(found: Int, known: Int)
        /// One of ours, of a format that has ended.
        case endedFormat
        /// Not a database, not one of ours, or damaged. Nothing is repaired silently.
        case damaged
        /// Another process holds the writer.
        case locked
        /// Another hub has taken over the writing: nothing was changed, and this one must never write again.
        case leaseLost
        /// Nobody knows whether the batch was committed: nothing of it may be told, and the lease is to be taken anew.
        case unknownOutcome
        /// The store does not answer.
        case unreachable
        /// The store lacks what this hub has seen in it: it has lost acknowledged alerts, or is not the one.
        case behind
        /// The batch does not continue the log: a bug of the caller's.
        case outOfOrder
        case other

        /// Whether the same may succeed later by itself.
        public var isPassing: Bool { self == .full || self == .locked }
    }

    /// What was being done, e.g. `commit`.
    public var operation: String
    public var path: String
    public var cause: Cause
    /// The library's own words, never bound values.
    public var detail: String
    /// What the operator can do, as a sentence; empty when there is nothing.
    public var remedy: String

    public init(operation: String, path: String, cause: Cause, detail: String, remedy: String = "") {
        self.operation = operation
        self.path = path
        self.cause = cause
        self.detail = detail
        self.remedy = remedy
    }

    public var exitStatus: ExitStatus {
        switch cause {
        case .full, .other, .outOfOrder, .missing: .ioError
        case .readOnly: .noPermission
        case .newerVersion, .endedFormat, .damaged, .behind: .dataError
        case .locked, .leaseLost, .unknownOutcome: .tempFail
        case .unreachable: .unavailable
        }
    }

    public var description: String {
        "\(operation) \(path): \(detail)" + (remedy.isEmpty ? "" : ". \(remedy)")
    }
}
