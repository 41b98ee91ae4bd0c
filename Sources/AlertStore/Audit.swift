public import Alerts

/// Who read what, or was let in to read it. Ids and topics, never an alert's content.
public struct AuditEvent: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable {
        /// A page of the log.
        case replay
        /// One alert and what refers to it.
        case find
        /// Which alerts may be about what one alert is about.
        case related
        /// Where a moment is in the log.
        case locate
        /// A connection to a feed was let in.
        case feed
        /// Who has seen an alert.
        case seen
    }

    /// Counted from 1; 0 before it is recorded. Before that another number is of an earlier event that this one repeats.
    public var number: UInt64 = 0
    /// By the hub's clock.
    public var at = Timestamp(milliseconds: 0)
    public var identity: String
    public var action: Action
    /// The topics, the alert's id, the moment, or the feed's grant.
    public var subject: String
    /// Of a replay: the offsets that the page speaks for.
    public var after: UInt64?
    public var through: UInt64?
    /// Alerts in the answers.
    public var alerts: UInt64?
    /// How often it was done, and when last.
    public var times: UInt64 = 1
    public var last: Timestamp?

    public init(identity: String, action: Action, subject: String) {
        self.identity = identity
        self.action = action
        self.subject = subject
    }

    /// Adds a repeat: the event then has the widest extent of both.
    public mutating func add(_ other: AuditEvent) {
        times &+= other.times
        last = other.last ?? other.at
        after = [after, other.after].compactMap { $0 }.min()
        through = [through, other.through].compactMap { $0 }.max()
        alerts = alerts.map { $0 &+ (other.alerts ?? 0) } ?? other.alerts
    }
}

/// The record of who read what, apart from the log: the writer never waits for it. One writer, used from one thread; readers
/// (``AuditReader``) at any time.
public protocol AuditLog: AnyObject {
    /// Records events, all of them or none; on disk when it returns. One that repeats another is added to it, if that one is
    /// still there: then it has the widest extent of both.
    /// - Returns: under which number each is recorded.
    @discardableResult
    func append(_ events: [AuditEvent]) throws(StoreError) -> [UInt64]
    /// Forgets the oldest events, as far as they are from before the moment.
    /// - Returns: how many: at most ``StoreLimits/forgottenAtOnce``. Call again while it is as many.
    @discardableResult
    func forget(before moment: Timestamp) throws(StoreError) -> Int
    /// Forgets the oldest events of whoever has most of one kind, so that nobody can push out what others have read, nor what
    /// they have read themselves by doing something else very often.
    /// - Returns: whose, of which kind and how many: at most ``StoreLimits/forgottenAtOnce``, and at most half of them; nil:
    ///   there are none.
    func forgetNoisiest() throws(StoreError) -> (identity: String, action: String, events: Int)?
    /// Bytes that the events take.
    func bytes() throws(StoreError) -> Int64
    /// Does what appending has left for later. A full disk is no error here.
    func maintain() throws(StoreError)
    func close() throws(StoreError)
}

/// Reads the record of who read what, also while the hub writes it. Used from one thread.
public protocol AuditReader: AnyObject {
    /// Hands over events, the oldest first, as they were when it began.
    /// - identity: nil is everyone. since: nil is all that is kept.
    func each(identity: String?, since: Timestamp?, _ body: (AuditEvent) throws -> Void) throws
    func close() throws(StoreError)
}
