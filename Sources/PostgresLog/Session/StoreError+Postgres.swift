import AlertStore
import PostgreSQL

// What our own looks at a database find wrong, in states that no server gives.
extension PostgresError {
    private static let newerState = "BW001"
    private static let olderState = "BW002"
    private static let behindState = "BW003"
    static let leaseLostState = "BW004"

    static func newer(_ version: Int) -> PostgresError {
        PostgresError(operation: "open", kind: .refused, state: newerState, message: "\(version)")
    }

    static func older(_ version: Int) -> PostgresError {
        PostgresError(operation: "open", kind: .refused, state: olderState, message: "\(version)")
    }

    static func behind(_ words: String) -> PostgresError {
        PostgresError(operation: "open", kind: .refused, state: behindState, message: words)
    }

    /// data_corrupted
    static func damaged(_ words: String) -> PostgresError {
        PostgresError(operation: "read", kind: .refused, state: "XX001", message: words)
    }
}

extension StoreError {
    private static let migrate = "Run borderwire-hub migrate as a user who may change the database"

    /// - isCommit: the statement may have been a commit, whose outcome is unknown where its answer did not come.
    init(_ error: PostgresError, operation: String, path: String, isCommit: Bool = false) {
        let unanswered: Cause = isCommit && error.operation != "connect" ? .unknownOutcome : .unreachable
        let known = PostgresSchema.steps.count
        var detail = error.description
        let (cause, remedy): (Cause, String) =
            switch (error.kind, error.state) {
            case (.lost, _), (.late, _): (unanswered, "")
            case (.misuse, _): (.other, "")
            case (.refused, "BW001"):
                (
                    .newerVersion(found: Int(error.message) ?? 0, known: known), "Use a newer borderwire-hub"
                )
            case (.refused, "BW002"), (.refused, "42P01"), (.refused, "3F000"), (.refused, "42703"):
                (.missing, StoreError.migrate)
            case (.refused, "BW003"):
                (
                    .behind,
                    "It has lost alerts that were acknowledged, or is another database: keep it as it is, and look for the server that has them"
                )
            case (.refused, "BW004"): (.leaseLost, "")
            case (.refused, "53100"): (.full, "Nothing was changed. Make room on the database's disk")
            case (.refused, "55P03"), (.refused, "40001"), (.refused, "40P01"): (.locked, "")
            case (.refused, "57014"): (isCommit ? .unknownOutcome : .other, "")
            case (.refused, "25006"): (.unreachable, "The server is a standby")
            case (.refused, "42501"): (.readOnly, StoreError.migrate)
            case (.refused, "XX001"), (.refused, "XX002"):
                (.damaged, "Keep the database for examination, and restore a backup")
            case (.refused, _) where error.isShutdown: (unanswered, "")
            case (.refused, _) where error.stateClass == "23": (.outOfOrder, "")
            case (.refused, _): (.other, "")
            }
        switch error.state {
        case "BW001":
            detail = "made by a newer program: version \(error.message), and this one knows \(known)"
        case "BW002": detail = "its tables are of version \(error.message), and this program's of \(known)"
        case "BW003": detail = "the server lacks what this hub has seen: \(error.message)"
        case "BW004": detail = error.message
        case "42P01", "3F000": detail = "there is no log in it: \(error.message)"
        default: break
        }
        self.init(operation: operation, path: path, cause: cause, detail: detail, remedy: remedy)
    }
}
