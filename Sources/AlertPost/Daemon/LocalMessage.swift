/// What `publish` and `status` say to the daemon on its local socket, and what it says back. Between programs of one
/// version on one machine, so a word is enough.
enum LocalMessage {
    /// The outbox has changed.
    static let wake = Array("wake".utf8)
    /// The same, and tell me of every answer from now on.
    static let watch = Array("watch".utf8)
    static let status = Array("status".utf8)
    /// To whoever watches: some alerts have got their answer.
    static let changed = Array("changed".utf8)
}
