internal import AlertPost

/// Where the page's alerts are queued: the post's daemon on this machine, or the analyst's outbox. From any thread; each call may
/// take its time.
protocol WritingDesk: Sendable {
    /// Who signs what is queued; nil while that is not known.
    var author: DraftAuthor? { get }
    func check(_ draft: [UInt8]) throws(DeskFailure) -> DraftCheck
    func queue(_ draft: [UInt8]) throws(DeskFailure) -> DraftQueued
    func waiting() throws(DeskFailure) -> [WaitingDraft]
    func stop()
}

/// Why nothing can be written now.
struct DeskFailure: Error, Sendable {
    /// For programs: `post-away`, or `not-queued`.
    var code: String
    var words: String
}
