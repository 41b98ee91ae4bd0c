/// The hub's account of itself, for `borderwire-hub status`. Ids and counts only, never an alert's content.
public struct HubStatus: Sendable, Equatable, Codable {
    public var request: UInt64
    public var log: HexNumber
    public var offset: UInt64
    /// The hub's clock, and when this hub process started; ms since 1970.
    public var time: Int64
    public var started: Int64
    public var stored: UInt64
    public var refused: UInt64
    /// Messages dropped without a sequence to refuse, by reason, since the start.
    public var dropped: [String: UInt64]
    public var topics: [Reply.TopicSequence]
    public var links: [Link]
    public var feeds: [Feed]
    /// Newest first.
    public var refusals: [Refusal]
    /// nil from a hub that doesn't say.
    public var clock: Clock?
    /// The fingerprint of the keys that the hub announces to its peers as those that follow its own; nil: none.
    public var successor: String?

    public struct Clock: Sendable, Equatable, Codable {
        /// What it shows, ms since 1970; ``HubStatus/time`` is what the hub takes for right.
        public var wall: Int64
        /// Whether the kernel calls it synchronised; nil: it doesn't say.
        public var synchronised: Bool?
        /// Posts whose clocks count now.
        public var posts: Int
        /// Why the clock is not believed, and what waits; nil: it is.
        public var doubt: String?
        /// Milliseconds by which the last alert's time is ahead of the clock, where that is more than a day.
        public var logAhead: Int64?

        public init(wall: Int64, synchronised: Bool?, posts: Int, doubt: String?, logAhead: Int64?) {
            self.wall = wall
            self.synchronised = synchronised
            self.posts = posts
            self.doubt = doubt
            self.logAhead = logAhead
        }
    }

    /// nil from a hub whose log is its own, or that does not say.
    public var cluster: Cluster?

    /// What a hub knows of the hubs that share its log.
    public struct Cluster: Sendable, Equatable, Codable {
        /// Whether it writes the log; else it follows.
        public var writes: Bool
        /// False while it hears nothing of its store, and answers nobody but its operator.
        public var hearsStore: Bool
        /// The number of the writer's turn, and the name of the hub that has the lease; nil: no hub has it, or it is not known.
        public var term: UInt64
        public var holder: String?
        /// The last offset that the store has, as it said last.
        public var head: UInt64

        public init(writes: Bool, hearsStore: Bool, term: UInt64, holder: String?, head: UInt64) {
            self.writes = writes
            self.hearsStore = hearsStore
            self.term = term
            self.holder = holder
            self.head = head
        }
    }

    /// nil from a hub that does not say.
    public var escalation: Escalation?
    /// nil from a hub that does not say.
    public var descriptors: Descriptors?

    /// Open descriptors of the hub's process: each connection is one.
    public struct Descriptors: Sendable, Equatable, Codable {
        public var used: Int
        /// Most that may be, and how many of them are kept free for the hub's own work.
        public var limit: Int
        public var reserve: Int
        /// Connections that are not let in yet, and those that were cut before they were, since the start.
        public var waiting: Int
        public var cut: UInt64

        public init(used: Int, limit: Int, reserve: Int, waiting: Int, cut: UInt64) {
            self.used = used
            self.limit = limit
            self.reserve = reserve
            self.waiting = waiting
            self.cut = cut
        }
    }

    public struct Link: Sendable, Equatable, Codable {
        public var identity: String
        public var publish: [String]
        public var read: [String]
        /// When the hub last heard of it on any socket; nil: not since the start.
        public var heard: Int64?
        public var epoch: HexNumber?
        public var through: UInt64?
        /// What the post said last of its outbox.
        public var depth: UInt64?
        public var oldest: Int64?
        /// Of a post that has not been heard of for `limits.silence`: since when; nil: it is heard.
        public var silent: Int64?
        /// The fingerprint of the keys in force, and until when former ones are as good; nil: there are none.
        public var key: String?
        public var former: Int64?
        /// Provinces beyond `publish` that it may address; nil: all.
        public var address: [String]?
        /// When a second machine was last refused under this name, and its address; nil: not since the start.
        public var secondMachine: SecondMachine?
        /// Sightings since the start that call an alert of it mistaken; nil: none.
        public var mistaken: UInt64?
        /// Whether it has said that it has taken over the keys that the hub announces; nil: none are announced.
        public var successor: Bool?
        /// What it uses of the hub, of whatever it has used since the start.
        public var budgets: [Budget]?

        public struct Budget: Sendable, Equatable, Codable {
            public var resource: String
            /// Now, and at most.
            public var used: Int64
            public var most: Int64
            /// How often since the start it asked for more.
            public var refused: UInt64

            public init(resource: String, used: Int64, most: Int64, refused: UInt64) {
                self.resource = resource
                self.used = used
                self.most = most
                self.refused = refused
            }
        }

        public struct SecondMachine: Sendable, Equatable, Codable {
            public var at: Int64
            public var address: String

            public init(at: Int64, address: String) {
                self.at = at
                self.address = address
            }
        }

        public init(
            identity: String, publish: [String], read: [String], heard: Int64?, epoch: HexNumber?,
            through: UInt64?,
            depth: UInt64?, oldest: Int64?, silent: Int64? = nil
        ) {
            self.identity = identity
            self.publish = publish
            self.read = read
            self.heard = heard
            self.epoch = epoch
            self.through = through
            self.depth = depth
            self.oldest = oldest
            self.silent = silent
        }
    }

    public struct Feed: Sendable, Equatable, Codable {
        public var port: Int
        public var read: [String]
        public var identities: [String]

        public init(port: Int, read: [String], identities: [String]) {
            self.port = port
            self.read = read
            self.identities = identities
        }
    }

    public struct Refusal: Sendable, Equatable, Codable {
        public var post: String
        public var epoch: HexNumber
        public var sequence: UInt64
        public var received: Int64
        public var code: String
        public var reason: String

        public init(
            post: String, epoch: HexNumber, sequence: UInt64, received: Int64, code: String, reason: String
        ) {
            self.post = post
            self.epoch = epoch
            self.sequence = sequence
            self.received = received
            self.code = code
            self.reason = reason
        }
    }

    public init(
        request: UInt64, log: HexNumber, offset: UInt64, time: Int64, started: Int64, stored: UInt64,
        refused: UInt64,
        dropped: [String: UInt64], topics: [Reply.TopicSequence], links: [Link], feeds: [Feed],
        refusals: [Refusal]
    ) {
        self.request = request
        self.log = log
        self.offset = offset
        self.time = time
        self.started = started
        self.stored = stored
        self.refused = refused
        self.dropped = dropped
        self.topics = topics
        self.links = links
        self.feeds = feeds
        self.refusals = refusals
    }
}

extension HubStatus {
    /// Open escalations that a status names.
    public static let mostEscalations = 64

    /// Alerts that nobody has seen, or acknowledged, in time.
    public struct Escalation: Sendable, Equatable, Codable {
        /// Alerts whose time runs; those for which there was no room, and those escalated, since the start.
        public var watched: Int
        public var unwatched: UInt64
        public var total: UInt64
        /// The newest first.
        public var open: [Open]
        /// Open ones that are not named.
        public var more: UInt64

        public struct Open: Sendable, Equatable, Codable {
            public var number: UInt64
            public var offset: UInt64
            public var alert: String
            public var author: String
            public var reason: String
            /// ms since 1970.
            public var time: Int64

            public init(
                number: UInt64, offset: UInt64, alert: String, author: String, reason: String, time: Int64
            ) {
                self.number = number
                self.offset = offset
                self.alert = alert
                self.author = author
                self.reason = reason
                self.time = time
            }
        }

        public init(watched: Int, unwatched: UInt64, total: UInt64, open: [Open], more: UInt64) {
            self.watched = watched
            self.unwatched = unwatched
            self.total = total
            self.open = open
            self.more = more
        }
    }
}
