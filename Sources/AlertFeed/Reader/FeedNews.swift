public import Alerts
public import Wire

/// What a reader learns of its link, beside alerts: for programs that show it. In the order in which it happened, on the reading
/// thread, which whoever is told must not keep waiting.
public enum FeedNews: Sendable {
    /// The hub has let the reader in; again after each loss of the link, and now and then.
    case welcomed(FeedWelcome)
    case lost
    /// Why there is no link, as far as it is known.
    case obstacle(String)
    /// The feed was heard: an alert or a heartbeat came.
    case heard
    /// The hub has signed for its log as far as it was read here, and what was read agrees with it.
    case vouched(Checkpoint)
    /// Nobody has looked at an alert for too long. Each number once.
    case escalated(Escalations.Entry)
    /// The posts that the hub does not hear of, each time others than before; only where the query asks for it and the reader may
    /// know.
    case silent([SilentPost])
}

/// How the hub greets a reader.
public struct FeedWelcome: Sendable, Equatable {
    /// The name under which the registry knows the reader.
    public var identity: String
    /// As the registry has them: `all`, or entries such as `koh-kong` and `prey-veng/suspect`.
    public var publish: [String]
    public var read: [String]
    /// Whether the hub takes anything from the reader: acknowledgements at least.
    public var mayPublish: Bool
    /// What else it may, `ack` and `receipts` among it; nil: the hub does not tell.
    public var may: [String]?
    /// By the hub's clock.
    public var time: Timestamp
    /// The log's last offset.
    public var head: UInt64

    init(_ welcome: Reply.Welcome) {
        identity = welcome.identity
        publish = welcome.publish
        read = welcome.read
        mayPublish = welcome.ingest != nil
        may = welcome.may
        time = Timestamp(milliseconds: welcome.time)
        head = welcome.offset
    }
}
