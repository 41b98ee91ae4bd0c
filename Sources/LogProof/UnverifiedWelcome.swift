public import Wire

/// A welcome that is not believed before the hub has answered for the checkpoint that is kept of its log. Posts and readers
/// greet a hub alike (PROTOCOL.md, "Checkpoints"). A value.
public struct UnverifiedWelcome: Sendable, Equatable {
    public let welcome: Reply.Welcome
    /// What the hub is asked.
    public let question: Request.Checkpoint

    /// - request: the question's number. topics: names of those whose chains the answer is to prove, as in a replay; nil: a
    ///   checkpoint alone, which need not be asked for where the welcome brings it.
    /// - Returns: nil where there is nothing to ask and the welcome can be believed.
    /// - Throws: where the welcome itself shows that the log is not the one that the hub had signed for.
    public init?(
        _ welcome: Reply.Welcome, _ verifier: CheckpointVerifier, request: UInt64, topics: [String]? = nil
    ) throws(CheckpointVerifier.Fork) {
        let missing = try verifier.question(
            log: welcome.log.value, head: welcome.offset, latest: welcome.checkpoint)
        let kept = verifier.kept(log: welcome.log.value)?.checkpoint.offset
        guard let offset = topics == nil ? missing : kept else { return nil }
        self.welcome = welcome
        question = Request.Checkpoint(request: request, offset: offset, topics: topics)
    }

    /// - Returns: whether the answer is to this question, and confirms the kept checkpoint.
    public func isSettled(
        by answer: Reply.Checkpoint, _ verifier: CheckpointVerifier
    ) throws(CheckpointVerifier.Fork) -> Bool {
        guard answer.request == question.request else { return false }
        try verifier.confirm(answer.checkpoint)
        return true
    }
}
