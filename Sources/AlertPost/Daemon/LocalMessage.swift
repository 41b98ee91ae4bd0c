internal import FoundationEssentials

/// What `publish` and `status` say to the daemon on its local socket, and what it says back. Between programs of one
/// version on one machine, so a word is enough.
enum LocalMessage {
    /// The outbox has changed.
    static let wake = Array("wake".utf8)
    /// The same, and tell me of every answer from now on.
    static let watch = Array("watch".utf8)
    /// Before an alert's id (16 bytes): tell me what comes of it.
    static let follow = Array("follow ".utf8)
    static let status = Array("status".utf8)
    /// To whoever watches: some alerts have got their answer.
    static let changed = Array("changed".utf8)
    /// Before what has come of an alert, in JSON: to the same.
    static let answered = Array("answered ".utf8)
}

extension LocalMessage {
    static func bytes(_ answer: AlertAnswer) -> [UInt8]? {
        (try? JSONEncoder().encode(answer)).map { answered + Array($0) }
    }

    /// nil: another message.
    static func answer(in message: [UInt8]) -> AlertAnswer? {
        guard message.starts(with: answered) else { return nil }
        return try? JSONDecoder().decode(AlertAnswer.self, from: Data(message.dropFirst(answered.count)))
    }
}
