/// Who queues, and who sends what is queued: in words for the officer.
public enum OutboxProgram: String, Sendable {
    /// Its daemon sends.
    case post = "borderwire-post"
    /// Whichever of its programs runs sends, one at a time.
    case analyst = "borderwire"

    var unsent: String {
        switch self {
        case .post: "the post's daemon is not running; what is queued is sent once it is: borderwire-post run"
        case .analyst: "queued, and nobody sends it now; borderwire tail sends it while it runs"
        }
    }

    var later: String { self == .analyst ? "; borderwire tail sends it while it runs" : "" }

    /// An analyst's program says itself how its link is, and has no operator.
    func tells(_ event: PostEvent) -> Bool {
        self == .post || ![.ready, .linkDown, .requestRefused, .messageIgnored].contains(event)
    }
}
