internal import Identity
internal import Settings

/// What a post can say of itself: the daemon's account, or the outbox's alone where no daemon answers.
public enum PostStatusQuery {
    public static func ask(_ settings: PostSettings) throws -> PostStatus {
        if let status = try DaemonContact(settings).status() { return status }
        let keys = try KeyFiles.readSecret(settings.key.path)
        let summary = try PostFailure.reported { () throws(OutboxError) in
            try Outbox.open(path: settings.outboxFile).summary()
        }
        return PostStatus(post: keys.name, link: "not running", summary)
    }
}
