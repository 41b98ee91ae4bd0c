internal import Glibc
public import Platform
internal import SQLite

/// Why the outbox could not do what it was asked. Nothing was changed then.
public struct OutboxError: ProgramError, Equatable, CustomStringConvertible {
    public enum Cause: Sendable, Equatable {
        /// No room on the disk.
        case full
        /// As many alerts wait for the hub as the outbox may hold.
        case tooMany(limit: Int)
        /// The path can't be written (modes, read-only mount), or its directory is not there.
        case readOnly
        case missing
        /// A newer program made this outbox.
        case newerVersion(found: Int, known: Int)
        /// An outbox of a format that has ended.
        case endedFormat
        /// Not a database, not an outbox, or damaged. Nothing is repaired silently.
        case damaged
        /// Other programs kept the outbox locked for longer than ``Outbox/busyTimeout``: try again.
        case busy
        /// The outbox has an alert of the same id.
        case taken
        /// A new epoch was asked for while alerts of this one wait for the hub.
        case waiting(Int)
        case other
    }

    /// What was being done, e.g. `append`.
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
        case .full, .tooMany, .busy, .taken: .tempFail
        case .readOnly: .noPermission
        case .missing: .cantCreate
        case .newerVersion, .endedFormat, .damaged, .waiting: .dataError
        case .other: .ioError
        }
    }

    public var description: String {
        "\(operation) \(path): \(detail)" + (remedy.isEmpty ? "" : ". \(remedy)")
    }
}

extension OutboxError {
    init(_ error: SQLiteError, operation: String, path: String) {
        let (cause, remedy) = OutboxError.meaning(of: error)
        self.init(operation: operation, path: path, cause: cause, detail: error.description, remedy: remedy)
    }

    private static func meaning(of error: SQLiteError) -> (Cause, remedy: String) {
        switch (error.code, error.systemError) {
        case (.full, _), (_, ENOSPC), (_, EDQUOT):
            (
                .full,
                "Nothing was queued. Make room on the disk; df, and df -i for inodes, show what is used up"
            )
        case (.readOnly, _), (.permission, _), (_, EACCES), (_, EPERM), (_, EROFS):
            (.readOnly, "Give the program's user the right to write the file and its directory")
        case (.cannotOpen, ENOENT):
            (.missing, "Make the directory")
        case (.corrupt, _), (.notDatabase, _):
            (.damaged, "Keep the file for examination; a new outbox begins a new epoch")
        case (.busy, _), (.locked, _):
            (
                .busy,
                "Another program has it locked for \(Outbox.busyTimeout.components.seconds) s: if that is the post's daemon, it is stopped or stuck; start it again, then try again"
            )
        default:
            (.other, "")
        }
    }

    /// What a schema's verdict means after the missing steps were taken.
    init?(_ verdict: Schema.Verdict, known: Int, path: String) {
        switch verdict {
        case .current, .empty, .older:
            return nil
        case .newer(let version):
            self.init(
                operation: "open", path: path, cause: .newerVersion(found: version, known: known),
                detail: "made by a newer program: version \(version), and this one knows \(known)",
                remedy: "Use the program that made it, or a newer one")
        case .ended:
            self.init(
                operation: "open", path: path, cause: .endedFormat,
                detail: "an outbox of format 1, whose alerts are signed as this hub no longer takes them",
                remedy:
                    "Have the program that made it send what waits, then move the file away: a new outbox begins a new epoch"
            )
        case .foreign:
            self.init(
                operation: "open", path: path, cause: .damaged, detail: "another program's database",
                remedy: "Give the path of an outbox, or of a file that does not exist yet")
        case .damaged:
            self.init(
                operation: "open", path: path, cause: .damaged, detail: "an outbox that has lost its version",
                remedy: "Keep the file for examination; a new outbox begins a new epoch")
        }
    }
}
