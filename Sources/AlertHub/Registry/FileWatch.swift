internal import Platform
internal import Settings

/// When a file that may change has to be read again. A value: what is seen of the file and what became of each reading go in.
///
/// A content counts as settled only once it was read: until then each look asks for another try, however long it takes. A
/// content that is wrong is settled too: it stays wrong until the file changes.
struct FileWatch: Sendable {
    enum Outcome: Sendable, Equatable {
        case taken
        /// What is in the file is wrong.
        case refused
        /// It could not be read: the same file may do the next time.
        case failed
    }

    /// The same failure is told again after so long.
    static let reminder = Duration.seconds(60)

    private var settled: FileFacts??
    private var told: (words: String, at: Duration)?

    /// - facts: of the file now; nil: there is none.
    func isDue(_ facts: FileFacts?) -> Bool { settled != .some(facts) }

    /// - facts: seen before the reading, so that a change during it asks for another one.
    mutating func note(_ outcome: Outcome, of facts: FileFacts?) {
        // Another content that is wrong in the same way is told too: who has just changed it waits for an answer.
        if outcome == .taken || outcome == .refused && settled != .some(facts) { told = nil }
        settled = outcome == .failed ? nil : .some(facts)
    }

    /// Whether the operator is to be told of an error: once, and again from time to time while it lasts.
    mutating func tells(_ words: String, at now: Duration) -> Bool {
        if let told, told.words == words, now - told.at < FileWatch.reminder { return false }
        told = (words, now)
        return true
    }
}
