public import Alerts
internal import AlertStore
internal import Platform
internal import Settings

/// `borderwire-hub audit`: who read what, of a running or a stopped hub.
public enum AuditQuery {
    public struct Line: Sendable, Equatable, Encodable {
        public var number: UInt64
        /// RFC 3339.
        public var at: String
        public var identity: String
        /// `replay`, `find`, `locate` or `feed`.
        public var action: String
        public var subject: String
        public var after: UInt64?
        public var through: UInt64?
        public var alerts: UInt64?
        /// How often within some minutes, and when last; nil: once.
        public var times: UInt64?
        public var until: String?
    }

    /// Hands over the events, the oldest first.
    public static func run(
        _ settings: HubSettings, identity: String?, since: Timestamp?, _ body: (Line) throws -> Void
    ) throws {
        let reader = try settings.log.auditReader()
        defer { try? reader.close() }
        try reader.each(identity: identity, since: since) { event in
            try body(
                Line(
                    number: event.number, at: event.at.rfc3339(), identity: event.identity,
                    action: event.action.rawValue, subject: event.subject, after: event.after,
                    through: event.through, alerts: event.alerts,
                    times: event.times > 1 ? event.times : nil, until: event.last?.rfc3339()))
        }
    }
}
