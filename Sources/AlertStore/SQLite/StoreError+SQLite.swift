import Glibc
import SQLite

extension StoreError {
    init(_ error: SQLiteError, operation: String, path: String) {
        let (cause, remedy) = StoreError.meaning(of: error)
        self.init(operation: operation, path: path, cause: cause, detail: error.description, remedy: remedy)
    }

    private static func meaning(of error: SQLiteError) -> (Cause, remedy: String) {
        switch (error.code, error.systemError) {
        case (.full, _), (_, ENOSPC), (_, EDQUOT):
            (
                .full,
                "Nothing was changed. Make room on the disk; df, and df -i for inodes, show what is used up"
            )
        case (.readOnly, _), (.permission, _), (_, EACCES), (_, EPERM), (_, EROFS):
            (.readOnly, "Give the program's user the right to write the file and its directory")
        // Of an existing file SQLiteError names the true cause.
        case (.cannotOpen, ENOENT):
            (.missing, "The hub makes it at its first start, in a directory that exists")
        case (.corrupt, _), (.notDatabase, _):
            (.damaged, "Keep the file for examination and restore a backup")
        case (.busy, _), (.locked, _):
            (.locked, "Another program uses the database: end it")
        case (.constraint, _):
            (.outOfOrder, "")
        default:
            (.other, "")
        }
    }

    package static func outOfOrder(_ broken: LogTail.Break, operation: String, path: String) -> StoreError {
        StoreError(operation: operation, path: path, cause: .outOfOrder, detail: broken.detail)
    }

    /// What a schema's verdict means where only the current version will do.
    init?(_ verdict: Schema.Verdict, known: Int, operation: String, path: String) {
        switch verdict {
        case .current:
            return nil
        case .newer(let version):
            self.init(
                operation: operation, path: path, cause: .newerVersion(found: version, known: known),
                detail: "made by a newer program: version \(version), and this one knows \(known)",
                remedy: "Use the program that made it, or a newer one")
        case .ended:
            self.init(
                operation: operation, path: path, cause: .endedFormat,
                detail: "a log of format 1, whose signatures and chain this program can't continue",
                remedy:
                    "Keep the file: the program that made it still reads and verifies it. Give the path of a file that does "
                    + "not exist yet to begin a new log")
        case .foreign:
            self.init(
                operation: operation, path: path, cause: .damaged, detail: "another program's database",
                remedy: "Give the path of a hub's database, or of a file that does not exist yet")
        case .damaged:
            self.init(
                operation: operation, path: path, cause: .damaged,
                detail: "a database that has lost its version",
                remedy: "Keep the file for examination and restore a backup")
        case .empty, .older:
            self.init(
                operation: operation, path: path, cause: .missing,
                detail: "not a database of this version yet",
                remedy: "The hub makes or converts it when it starts")
        }
    }
}
