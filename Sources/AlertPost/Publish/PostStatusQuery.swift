internal import Identity
internal import Platform
internal import Settings

/// What a post can say of itself: the daemon's account, or the outbox's alone where no daemon answers.
public enum PostStatusQuery {
    public static func ask(_ settings: PostSettings) throws -> PostStatus {
        let daemon = try DaemonContact(settings)
        if let status = try daemon.status() { return status }
        let keys = try KeyFiles.readSecret(settings.key.path)
        let summary = try Outbox.open(path: settings.outboxFile).summary()
        guard daemon.isRunning else { return PostStatus(post: keys.name, link: "not running", summary) }
        var status = PostStatus(post: keys.name, link: "not answering", summary)
        status.reason = DaemonContact.noAnswer
        return status
    }
}
