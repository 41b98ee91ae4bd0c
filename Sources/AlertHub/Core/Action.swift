internal import Alerts
internal import AlertStore
internal import Identity
package import Wire

/// What the core wants done. The loop performs the actions in their order, tells the core what came of them (``Consequence``),
/// and decides nothing itself.
package enum Action: Sendable {
    /// Publish on a feed. The frames are complete.
    case publish(domain: String, frames: [[UInt8]])
    case reply(to: [UInt8], Reply)
    /// Send a reply that is encoded already.
    case send(to: [UInt8], frames: [[UInt8]])
    /// Send a reply to the process that publishes under a name, and find out whether its connection is still there.
    case look(at: [UInt8], Reply, PendingHello)
    /// Look something up in the log, off the loop's thread, and send what comes of it.
    case read(LogQuery)
    case open(Feed)
    case close(domain: String)
    case rebind(domain: String)
    /// Erase at once what the records at these offsets ask for, off the loop's thread; with none: look for what was not got to.
    case erase([UInt64])
    case log(Notice)
    /// Look at the connections on which somebody who was let in is expected.
    case identify
    /// Find a place among the connections for a handshake.
    case place(PendingHandshake)
    /// Record who is to be let in, off the loop's thread, and tell ``HubCore/recorded(_:isRecorded:at:)``.
    case record(Handshake.Arrival)
    /// Answer a handshake.
    case answer(Handshake.Return, Handshake.Verdict)
}

/// A post's greeting that waits until it is known whether another process publishes under its name.
package struct PendingHello: Sendable {
    var hello: Request.Hello
    var identity: EnrolledIdentity
    var peer: [UInt8]
    var address: String
    /// The address of the process that has the name now.
    var session: String
}

/// An event for the operator. Ids and counts, never an alert's content.
package struct Notice: Sendable, Equatable {
    enum Weight: Sendable, Equatable {
        case error, warning, notice, information
    }

    var event: HubEvent
    var weight: Weight
    var message: String
    var post: String?
    var reason: String?
    /// Of a connection from nobody known.
    var peer: String?
    var sequence: UInt64?
    var offset: UInt64?

    init(
        _ event: HubEvent, _ weight: Weight, _ message: String, post: String? = nil, reason: String? = nil
    ) {
        self.event = event
        self.weight = weight
        self.message = message
        self.post = post
        self.reason = reason
    }
}

/// A look-up for a peer, made by the thread that reads the log.
package struct LogQuery: Sendable {
    package var asker: Asker
    /// 0: nobody asked; the answer comes unasked.
    var request: UInt64
    /// What is committed as the core knows it: nothing after it is shown, since its topics may not be known here.
    var offset: UInt64
    var log: UInt64
    var subject: Subject
    /// Who reads; the answer leaves only once this is recorded. nil where no content is read.
    var audit: AuditEvent?

    enum Subject: Sendable {
        /// - wanted: topics to look for. limit: most alerts. bytes: of alerts, at which the page ends. granted: all that the
        ///   identity may read, whose heads end the last page.
        case page(after: UInt64, wanted: Set<UInt32>, limit: Int, bytes: Int, granted: [UInt32: Topic])
        /// - part: nil: the author's, and what else there is room for. after: an offset within the part. all: every topic of the
        ///   log: who wrote an alert may read its thread wherever it went. at: the hub's time.
        case thread(
            alert: [UInt8], part: Request.Find.Part?, after: UInt64, granted: [UInt32: Topic],
            all: [UInt32: Topic], at: Timestamp)
        /// - all: every topic of the log. at: the hub's time.
        case related(
            alert: [UInt8], granted: [UInt32: Topic], all: [UInt32: Topic], hub: String, at: Timestamp)
        case locate(since: Timestamp)
        case outcomes(post: String, epoch: UInt64, sequences: ClosedRange<UInt64>, through: UInt64)
        /// Whether what is stored under this sequence is this very alert: a signature is as good as the bytes.
        case duplicate(post: String, epoch: UInt64, sequence: UInt64, signature: [UInt8], through: UInt64)
        /// The hashes at the offset, to be signed; with the chains of the wanted topics, if there are any.
        /// - topics: how many the log has now.
        case checkpoint(
            offset: UInt64, topics: Int, wanted: [UInt32: Topic]?, at: Timestamp, SigningKey)
        case status(HubReport)
        case seen(SeenQuestion)
        /// What a post sent, and which of it the hub has withdrawn.
        /// - after: an offset; nil: what was received since the moment. topics: how many the log has now.
        case sent(by: String, since: Timestamp, after: UInt64?, hub: String, topics: Int)
    }
}
