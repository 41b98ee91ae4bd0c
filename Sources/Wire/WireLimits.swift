internal import Notation

/// The protocol's limits (PROTOCOL.md, section "Limits"). What happens at each is said there and here.
public enum WireLimits {
    /// The version of the protocol; messages of another one are refused with code `version`.
    public static let version: UInt8 = 2
    /// Bytes of an alert's payload; a larger one is refused with code `size`.
    public static let payload = 65_536
    /// Bytes of a post's name.
    public static let postName = IdentityName.longest
    /// Bytes of a seal: from 66, of an alert that was signed alone, up to this, of one in the longest run.
    public static let seal = 194
    /// Bytes of any one frame on ingest, on feeds and in control requests; libzmq disconnects a peer that sends more.
    public static let requestFrame = 80_000
    /// Bytes of each piece of an alert in a delivery or a page: post header, payload or seal.
    public static let piece = 70_000
    /// Bytes of any one frame of a control reply.
    public static let replyFrame = 4 * 1_048_576
    /// Frames read of any one message, the routing id of a control request included; more are dropped unread. Ingest, which
    /// takes exactly four, refuses such a message.
    public static let frames = 8
    /// Alerts a post may have sent and not yet seen answered; it waits at the limit. The hub doesn't count them: past
    /// its own queue the connection is not read.
    public static let window = 256
    /// Alerts in one batch on ingest, and bytes of its body before it is compressed.
    public static let batchAlerts = 64
    public static let batchBytes = 79_000
    /// Alerts in one delivery; the next ones begin another.
    public static let deliveryAlerts = 32
    /// Bytes of alerts in one delivery, its heads not counted; the next ones begin another. One alert alone may be larger.
    public static let deliveryBytes = 16_384
    /// Alerts in one replay page; a request for more gets this many.
    public static let pageAlerts = 2_000
    /// Alerts in a page of a thread.
    public static let threadPage = 1_000
    /// Escalations that a welcome, and that a heartbeat names.
    public static let escalations = 64
    public static let escalationsOfHeartbeat = 16
    /// Posts that are named as silent; of more it is only said that there are more.
    public static let silent = 256
    /// Bytes of alerts in one replay page; the page ends once it has reached them.
    public static let pageBytes = 1_048_576
    /// The same while alerts come in: what a page costs the hub, its readers and the disk comes in one burst, and each live
    /// alert that falls into it waits.
    public static let livePageBytes = 131_072
    /// Bytes of the reason why an alert was refused; a longer one is cut.
    public static let reason = 2_000
    /// Sequences whose outcomes one request may ask for.
    public static let outcomes: UInt64 = 1_000
    /// Alerts named as those that another one may be related to; of more it is only said that there are more.
    public static let related = 16
    /// Topics in one request; more are refused with code `size`.
    public static let topics = 1_000
    /// Ranges in one ``Request/Shown``, over all its topics; more are refused with code `size`.
    public static let shownRanges = 2_000
    /// Identities that an answer names of those who have acknowledged an alert, and alerts that change one.
    public static let answerers = 100
    /// Alerts in one ``Reply/Answered``.
    public static let answered = 1_000
    /// Largest sequence, offset and epoch: they are stored as signed 64-bit integers.
    public static let number: UInt64 = 1 << 63 - 1
}
