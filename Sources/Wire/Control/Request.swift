/// What a peer asks of the hub on control (PROTOCOL.md, "Control"). Each has a number, which its reply repeats.
public enum Request: Sendable, Equatable {
    /// First of all, and again after each loss of the link: who am I to you, and where do we stand?
    case hello(Hello)
    /// A post's sign of life.
    case alive(Alive)
    /// What became of these sequences of mine?
    case outcomes(Outcomes)
    /// The next page of the log after an offset.
    case replay(Replay)
    /// One alert and those that refer to it.
    case find(Find)
    /// Which other alerts may be about what one alert is about?
    case related(Related)
    /// The offset after which everything received since a moment comes.
    case locate(Locate)
    /// The hub's word for its log at an offset.
    case checkpoint(Checkpoint)
    /// What was shown to the asker's user.
    case shown(Shown)
    /// Who has seen an alert; the hub's operator may ask too.
    case seen(Seen)
    /// Which posts are not heard of.
    case silent(Silent)
    /// The hub's own account; for the hub's operator only.
    case status(Status)
    /// Alerts that no longer stand; for the hub's operator only, as are the next two.
    case withdraw(Order)
    /// Alerts whose content is to be erased before its time.
    case erase(Order)
    /// Which alerts did a post send since a moment?
    case compromised(Compromised)

    public struct Hello: Sendable, Equatable, Codable {
        public var request: UInt64
        /// Name and version of the program, for the log.
        public var program: String
        /// A post's epoch, and the last sequence that it has used in it; nil for who only reads.
        public var epoch: HexNumber?
        public var last: UInt64?
        /// Random, made at each start of a post's program: two that run at once under one name differ in it.
        public var instance: HexNumber?
        /// A post's clock when it said so, ms since 1970; nil where it doesn't say.
        public var time: Int64?
        /// A post that wants to be told what comes of its alerts (``Reply/Answered``).
        public var answers: Bool?
        /// Whether a post wants to be told, unasked, what its alerts may be related to (``Reply/related(_:)``); nil: no.
        public var related: Bool?
        /// The signing key, 32 bytes, that the peer has taken over as the next one of the hub; nil: it has taken over none.
        public var successor: HexBytes?

        public init(
            request: UInt64, program: String, epoch: HexNumber? = nil, last: UInt64? = nil,
            instance: HexNumber? = nil
        ) {
            self.request = request
            self.program = program
            self.epoch = epoch
            self.last = last
            self.instance = instance
        }
    }

    public struct Alive: Sendable, Equatable, Codable {
        public var request: UInt64
        /// Alerts in the outbox that wait for the hub.
        public var depth: UInt64
        /// When the oldest of them was queued, ms since 1970 by the post's clock; nil when there is none.
        public var oldest: Int64?
        /// The post's clock when it said so, ms since 1970; nil where it doesn't say.
        public var time: Int64?
        /// As in a hello.
        public var successor: HexBytes?

        public init(request: UInt64, depth: UInt64, oldest: Int64?) {
            self.request = request
            self.depth = depth
            self.oldest = oldest
        }
    }

    public struct Outcomes: Sendable, Equatable, Codable {
        public var request: UInt64
        public var epoch: HexNumber
        /// First and last sequence asked for; at most ``WireLimits/outcomes`` of them.
        public var from: UInt64
        public var through: UInt64

        public init(request: UInt64, epoch: HexNumber, from: UInt64, through: UInt64) {
            self.request = request
            self.epoch = epoch
            self.from = from
            self.through = through
        }
    }

    public struct Replay: Sendable, Equatable, Codable {
        public var request: UInt64
        public var after: UInt64
        /// Names of topics. Each must be granted.
        public var topics: [String]
        /// Most alerts in the page; nil: ``WireLimits/pageAlerts``.
        public var limit: Int?

        public init(request: UInt64, after: UInt64, topics: [String], limit: Int? = nil) {
            self.request = request
            self.after = after
            self.topics = topics
            self.limit = limit
        }
    }

    public struct Find: Sendable, Equatable, Codable {
        public var request: UInt64
        /// The alert's id.
        public var alert: String
        /// nil: the author's alerts, and of the others what there is room for.
        public var part: Part?
        /// An offset: what comes after it is wanted; nil: all.
        public var after: UInt64?
        /// For whom the alert is taken out of the house, for the record of who read what: a name as identities have. nil: it stays.
        public var destination: String?

        /// Whose alerts of the thread.
        public enum Part: String, Sendable, Equatable, Codable {
            /// Of the post that wrote the alert itself.
            case author
            case others
        }

        public init(
            request: UInt64, alert: String, part: Part? = nil, after: UInt64? = nil,
            destination: String? = nil
        ) {
            self.request = request
            self.alert = alert
            self.part = part
            self.after = after
            self.destination = destination
        }
    }

    public struct Related: Sendable, Equatable, Codable {
        public var request: UInt64
        /// The alert's id.
        public var alert: String

        public init(request: UInt64, alert: String) {
            self.request = request
            self.alert = alert
        }
    }

    public struct Locate: Sendable, Equatable, Codable {
        public var request: UInt64
        /// ms since 1970, by the hub's clock.
        public var since: Int64

        public init(request: UInt64, since: Int64) {
            self.request = request
            self.since = since
        }
    }

    public struct Checkpoint: Sendable, Equatable, Codable {
        public var request: UInt64
        public var offset: UInt64
        /// Names of topics whose chains are wanted with it, each of which must be granted; empty: of all that is granted; nil: none.
        public var topics: [String]?

        public init(request: UInt64, offset: UInt64, topics: [String]? = nil) {
            self.request = request
            self.offset = offset
            self.topics = topics
        }
    }

    public struct Silent: Sendable, Equatable, Codable {
        public var request: UInt64

        public init(request: UInt64) {
            self.request = request
        }
    }

    public struct Status: Sendable, Equatable, Codable {
        public var request: UInt64

        public init(request: UInt64) {
            self.request = request
        }
    }

    public struct Order: Sendable, Equatable, Codable {
        public var request: UInt64
        /// Ids, 1 to ``PostHeader/mostReferences``, of alerts of one kind and one status.
        public var alerts: [String]
        /// In the operator's words.
        public var reason: String

        public init(request: UInt64, alerts: [String], reason: String) {
            self.request = request
            self.alerts = alerts
            self.reason = reason
        }
    }

    public struct Compromised: Sendable, Equatable, Codable {
        public var request: UInt64
        /// The post's name, enrolled or not.
        public var identity: String
        /// ms since 1970, by the hub's clock.
        public var since: Int64
        /// What comes after this offset is wanted; nil: all since then.
        public var after: UInt64?

        public init(request: UInt64, identity: String, since: Int64, after: UInt64? = nil) {
            self.request = request
            self.identity = identity
            self.since = since
            self.after = after
        }
    }

    /// Whether only the hub's own key may ask it.
    public var isOperators: Bool {
        switch self {
        case .status, .withdraw, .erase, .compromised: true
        default: false
        }
    }

    /// The request with what the hub is told of its asker in each greeting and sign of life.
    /// - time: what the asker's clock shows; nil: it has no say. successor: the hub's next signing key that it has taken over.
    public func told(time: Int64?, successor: [UInt8]?) -> Request {
        switch self {
        case .hello(var body):
            (body.time, body.successor) = (time, successor.map { HexBytes($0) })
            return .hello(body)
        case .alive(var body):
            (body.time, body.successor) = (time, successor.map { HexBytes($0) })
            return .alive(body)
        default: return self
        }
    }

    public var number: UInt64 {
        switch self {
        case .hello(let body): body.request
        case .alive(let body): body.request
        case .outcomes(let body): body.request
        case .replay(let body): body.request
        case .find(let body): body.request
        case .related(let body): body.request
        case .locate(let body): body.request
        case .checkpoint(let body): body.request
        case .shown(let body): body.request
        case .seen(let body): body.request
        case .silent(let body): body.request
        case .status(let body): body.request
        case .withdraw(let body), .erase(let body): body.request
        case .compromised(let body): body.request
        }
    }
}
