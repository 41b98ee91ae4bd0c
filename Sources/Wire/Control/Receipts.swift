extension Request {
    /// What the asker has really shown its user of the log, since it last said so and the hub has confirmed it.
    public struct Shown: Sendable, Equatable, Codable {
        public var request: UInt64
        public var log: HexNumber
        public var topics: [Ranges]

        public struct Ranges: Sendable, Equatable, Codable {
            /// The topic's.
            public var number: UInt32
            /// First and last topic sequence of each.
            public var ranges: [[UInt64]]

            public init(number: UInt32, ranges: [[UInt64]]) {
                self.number = number
                self.ranges = ranges
            }
        }

        public init(request: UInt64, log: HexNumber, topics: [Ranges]) {
            self.request = request
            self.log = log
            self.topics = topics
        }
    }

    /// Who has seen an alert?
    public struct Seen: Sendable, Equatable, Codable {
        public var request: UInt64
        /// The alert's id.
        public var alert: String

        public init(request: UInt64, alert: String) {
            self.request = request
            self.alert = alert
        }
    }
}

extension Reply {
    /// What was said to have been shown is on disk.
    public struct Shown: Sendable, Equatable, Codable {
        public var request: UInt64

        public init(request: UInt64) {
            self.request = request
        }
    }

    /// What came of an alert. Times are the hub's, ms since 1970; nil: not yet.
    public struct Seen: Sendable, Equatable, Codable {
        public var request: UInt64
        public var alert: String
        public var offset: UInt64
        public var received: Int64
        /// Identities other than the author that were on duty for it when it was stored, and how many of them have shown it.
        public var onDuty: Int
        public var seenBy: Int
        /// When somebody else than the author first did so.
        public var seen: Int64?
        public var acknowledged: Int64?
        public var sighted: Int64?
        /// Who has acknowledged it, the first one first; at most ``WireLimits/answerers`` of them.
        public var acknowledgers: [Acknowledger]
        /// nil: the asker may not know them.
        public var names: Names?

        public struct Acknowledger: Sendable, Equatable, Codable {
            public var identity: String
            public var offset: UInt64
            public var time: Int64

            public init(identity: String, offset: UInt64, time: Int64) {
                self.identity = identity
                self.offset = offset
                self.time = time
            }
        }

        /// Each list ascends.
        public struct Names: Sendable, Equatable, Codable {
            /// On duty, and have shown it; have not.
            public var seen: [String]
            public var unseen: [String]
            /// Have shown it without being on duty for it.
            public var others: [String]
            public var corrections: [Correction]

            public init(seen: [String], unseen: [String], others: [String], corrections: [Correction]) {
                self.seen = seen
                self.unseen = unseen
                self.others = others
                self.corrections = corrections
            }
        }

        /// What changes the alert, or doubts it, and who has seen the alert and not that yet.
        public struct Correction: Sendable, Equatable, Codable {
            public var alert: String
            public var offset: UInt64
            public var change: Change
            public var unseen: [String]

            public init(alert: String, offset: UInt64, change: Change, unseen: [String]) {
                self.alert = alert
                self.offset = offset
                self.change = change
                self.unseen = unseen
            }
        }

        /// A word that a later hub has is kept as it is.
        public struct Change: RawRepresentable, Sendable, Equatable, Codable {
            public var rawValue: String

            public init(rawValue: String) {
                self.rawValue = rawValue
            }

            public static let update = Change(rawValue: "update")
            public static let cancel = Change(rawValue: "cancel")
            public static let withdrawal = Change(rawValue: "withdrawal")
            public static let dispute = Change(rawValue: "dispute")
        }

        public init(request: UInt64, alert: String, offset: UInt64, received: Int64) {
            self.request = request
            self.alert = alert
            self.offset = offset
            self.received = received
            onDuty = 0
            seenBy = 0
            acknowledgers = []
        }
    }

    /// Unasked, to the author of alerts that has asked for it in its hello: what has come of them for the first time.
    public struct Answered: Sendable, Equatable, Codable {
        public var alerts: [Answer]

        public struct Answer: Sendable, Equatable, Codable {
            public var alert: String
            public var offset: UInt64
            public var what: What
            /// The identity that did it.
            public var by: String
            /// The hub's time, ms since 1970.
            public var time: Int64

            public init(alert: String, offset: UInt64, what: What, by: String, time: Int64) {
                self.alert = alert
                self.offset = offset
                self.what = what
                self.by = by
                self.time = time
            }
        }

        public enum What: String, Sendable, Equatable, Codable {
            case seen, acknowledged, sighted
        }

        public init(alerts: [Answer]) {
            self.alerts = alerts
        }

        /// Passes over what only a later hub has a word for.
        public init(from decoder: any Decoder) throws {
            struct Body: Decodable {
                var alerts: [Entry]
            }
            struct Entry: Decodable {
                var alert: String
                var offset: UInt64
                var what: String
                var by: String
                var time: Int64
            }
            alerts = try Body(from: decoder).alerts.compactMap { entry in
                What(rawValue: entry.what).map {
                    Answer(
                        alert: entry.alert, offset: entry.offset, what: $0, by: entry.by, time: entry.time)
                }
            }
        }
    }
}
