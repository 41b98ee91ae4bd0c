import AlertPost
import Foundation
import Stage

/// What tests with real programs have in common.
enum Town {
    /// Invented alerts as an officer writes them.
    static func drafts(_ count: Int, _ headline: String = "An invented van at the pier") -> [String] {
        (0..<count).map { index in
            #"{"kind":"movement","provinces":["Koh Kong"],"headline":"\#(headline) \#(index)","movement":{"mode":"road","direction":"out"}}"#
        }
    }

    /// Asks a post for its status until it is so.
    @discardableResult
    static func settle(_ post: StagePost, _ isSo: (PostStatus) -> Bool) async throws -> PostStatus {
        let end = ContinuousClock.now + Stage.patience
        while true {
            let status = try await post.status()
            if isSo(status) || ContinuousClock.now > end { return status }
        }
    }
}
