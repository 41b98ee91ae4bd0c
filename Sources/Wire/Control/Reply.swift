/// What the hub says on control. `acknowledged` and `resume` also come unasked, to a post that has said hello.
public enum Reply: Sendable, Equatable {
    case welcome(Welcome)
    case alive(Alive)
    case acknowledged(Acknowledged)
    case resume(Resume)
    /// The records are one more frame (``PageRecord``).
    case page(Page, records: [UInt8])
    case located(Located)
    /// What an alert may be related to; it also comes unasked, to a post that has asked for that in its hello.
    case related(Related)
    case checkpoint(Checkpoint)
    case shown(Shown)
    case seen(Seen)
    case silent(Silent)
    case answered(Answered)
    case refused(Refused)
    case status(HubStatus)
    /// The operator's notice is in the log.
    case noticed(Noticed)
    case compromised(Compromised)

    /// The number of the request that it answers; nil: it comes unasked, or the hub could not read the number.
    public var request: UInt64? {
        switch self {
        case .welcome(let body): body.request
        case .alive(let body): body.request
        case .acknowledged(let body): body.request
        case .page(let body, _): body.request
        case .located(let body): body.request
        case .related(let body): body.request
        case .checkpoint(let body): body.request
        case .shown(let body): body.request
        case .seen(let body): body.request
        case .silent(let body): body.request
        case .refused(let body): body.request
        case .status(let body): body.request
        case .noticed(let body): body.request
        case .compromised(let body): body.request
        case .resume, .answered: nil
        }
    }

    /// A topic with its number and a sequence.
    public struct TopicSequence: Sendable, Equatable, Codable {
        public var topic: String
        public var number: UInt32
        public var sequence: UInt64
        /// The topic's chain after the sequence, 32 bytes; only where a checkpoint's reply tells it.
        public var chain: HexBytes?

        public init(topic: String, number: UInt32, sequence: UInt64, chain: HexBytes? = nil) {
            self.topic = topic
            self.number = number
            self.sequence = sequence
            self.chain = chain
        }
    }

    public struct Welcome: Sendable, Equatable, Codable {
        public var request: UInt64
        /// The name under which the registry knows the asker.
        public var identity: String
        public var log: HexNumber
        /// The last offset of the log.
        public var offset: UInt64
        /// The hub's clock, ms since 1970.
        public var time: Int64
        /// What the identity may publish and read: `all`, or entries such as `koh-kong` and `prey-veng/suspect`.
        public var publish: [String]
        public var read: [String]
        /// TCP port of ingest; nil when the identity may not publish.
        public var ingest: Int?
        /// TCP port of the feed that the identity may use, on the host of control; nil when it may not read.
        public var feed: Int?
        /// For a post that named its epoch: the last sequence of it that the hub has consumed; 0 for a new one.
        public var through: UInt64?
        /// The last sequence of each topic that the identity may read and that has had a delivery.
        public var topics: [TopicSequence]
        /// The hub's latest; nil from a hub that doesn't sign any.
        public var checkpoint: SignedCheckpoint?
        /// The keys that will follow the hub's own; nil: none are announced.
        public var successor: Succession?
        /// Of what the identity may read, the newest that are open; nil: none.
        public var escalations: Escalations?
        /// Whether the hub will say, unasked, what the asker's alerts may be related to; nil: it won't, or does not know that.
        public var related: Bool?
        /// What else the identity may: `ack`, `receipts`; nil from a hub that doesn't tell.
        public var may: [String]?
        /// Codings of batches that the hub takes on ingest (``IngestBatch/Coding``); nil: it takes none.
        public var batches: [UInt8]?

        public init(
            request: UInt64, identity: String, log: HexNumber, offset: UInt64, time: Int64, publish: [String],
            read: [String], ingest: Int?, feed: Int?, through: UInt64?, topics: [TopicSequence]
        ) {
            self.request = request
            self.identity = identity
            self.log = log
            self.offset = offset
            self.time = time
            self.publish = publish
            self.read = read
            self.ingest = ingest
            self.feed = feed
            self.through = through
            self.topics = topics
        }
    }

    public struct Alive: Sendable, Equatable, Codable {
        public var request: UInt64
        public var time: Int64
        /// The hub's latest; nil from a hub that doesn't sign any.
        public var checkpoint: SignedCheckpoint?
        /// As in a welcome: a link may last for longer than the keys are announced.
        public var successor: Succession?

        public init(request: UInt64, time: Int64) {
            self.request = request
            self.time = time
        }
    }

    /// Cumulative: everything up to `through` is consumed. What is not named in `stored` or `refused` was told before.
    public struct Acknowledged: Sendable, Equatable, Codable {
        /// Of the request that asked (`outcomes`); nil when it comes unasked.
        public var request: UInt64?
        public var epoch: HexNumber
        public var through: UInt64
        /// Runs of stored alerts: first sequence, first offset, count; both go up by one within a run.
        public var stored: [[UInt64]]
        /// Which alerts each run of `stored` is of; nil from a hub that doesn't tell.
        public var sums: [AlertSum]?
        public var refused: [RefusedSequence]

        public init(
            request: UInt64? = nil, epoch: HexNumber, through: UInt64, stored: [[UInt64]] = [],
            sums: [AlertSum]? = nil, refused: [RefusedSequence] = []
        ) {
            self.request = request
            self.epoch = epoch
            self.through = through
            self.stored = stored
            self.sums = sums
            self.refused = refused
        }
    }

    public struct RefusedSequence: Sendable, Equatable, Codable {
        public var sequence: UInt64
        public var code: ReasonCode
        public var reason: String

        public init(sequence: UInt64, code: ReasonCode, reason: String) {
            self.sequence = sequence
            self.code = code
            self.reason = reason
        }
    }

    /// The hub expects this sequence next: what came after it was ignored.
    public struct Resume: Sendable, Equatable, Codable {
        public var epoch: HexNumber
        public var from: UInt64
        /// Milliseconds to wait before sending again; nil: none.
        public var wait: Int?
        /// Why, for people; nil where the wait is short.
        public var reason: String?

        public init(epoch: HexNumber, from: UInt64, wait: Int? = nil) {
            self.epoch = epoch
            self.from = from
            self.wait = wait
        }
    }

    public struct Page: Sendable, Equatable, Codable {
        public var request: UInt64
        public var log: HexNumber
        public var after: UInt64
        /// The page speaks for all offsets up to this one.
        public var through: UInt64
        /// The last offset of the log when the page was made; the reader is done when `through` has reached it.
        public var head: UInt64
        /// Records in the page.
        public var count: Int
        /// Names the numbers of the topics in the page's records, each with its last sequence there. In the last page
        /// (`through` = `head`): all topics that the identity may read, each with its last sequence at `through`.
        public var topics: [TopicSequence]
        /// Of a thread: how many of its alerts another post than the author of the alert wrote, of those that the asker may
        /// read; and whether it has more alerts than the hub looks at. nil: of a replay, and from an older hub.
        public var others: UInt64?
        public var beyond: Bool?
        /// Of a thread: the hub's clock, ms since 1970; nil: of a replay, and from an older hub.
        public var time: Int64?

        public init(
            request: UInt64, log: HexNumber, after: UInt64, through: UInt64, head: UInt64, count: Int,
            topics: [TopicSequence]
        ) {
            self.request = request
            self.log = log
            self.after = after
            self.through = through
            self.head = head
            self.count = count
            self.topics = topics
        }
    }

    public struct Located: Sendable, Equatable, Codable {
        public var request: UInt64
        public var after: UInt64

        public init(request: UInt64, after: UInt64) {
            self.request = request
            self.after = after
        }
    }

    public struct Related: Sendable, Equatable, Codable {
        /// Of the request that asked; nil when it comes unasked, after an alert of the post was stored.
        public var request: UInt64?
        /// The alert's id.
        public var alert: String
        /// The hub's clock, ms since 1970.
        public var time: Int64
        /// What still stands and the asker may read, the newest first; at most ``WireLimits/related``.
        public var matches: [Match]
        /// There is something in a province that the asker may not read; nil: no.
        public var hidden: Bool?
        /// There are more than were looked at; nil: no.
        public var more: Bool?
        /// Older alerts are still being indexed: there may be more; nil: no.
        public var partial: Bool?

        public struct Match: Sendable, Equatable, Codable {
            /// Its id.
            public var alert: String
            /// Who wrote it.
            public var post: String
            /// As in topics: `suspect`, `movement`, `sighting`.
            public var kind: String
            /// A province that it was delivered to, by its slug: the first that the asker may read.
            public var province: String
            /// When the hub received it, ms since 1970.
            public var received: Int64
            /// What is the same: `plate`, `vessel`, `document`.
            public var identifiers: [String]

            public init(
                alert: String, post: String, kind: String, province: String, received: Int64,
                identifiers: [String]
            ) {
                self.alert = alert
                self.post = post
                self.kind = kind
                self.province = province
                self.received = received
                self.identifiers = identifiers
            }
        }

        public init(request: UInt64?, alert: String, time: Int64, matches: [Match] = []) {
            self.request = request
            self.alert = alert
            self.time = time
            self.matches = matches
        }
    }

    /// Posts that are not heard of, of those whose alerts the asker may read.
    public struct Silent: Sendable, Equatable, Codable {
        public var request: UInt64
        /// Those that were heard last first; at most ``WireLimits/silent``.
        public var posts: [Post]
        /// There are more; nil: no.
        public var more: Bool?

        public struct Post: Sendable, Equatable, Codable {
            public var post: String
            /// When it was heard last, or first missed, ms since 1970 by the hub's clock.
            public var since: Int64

            public init(post: String, since: Int64) {
                self.post = post
                self.since = since
            }
        }

        public init(request: UInt64, posts: [Post]) {
            self.request = request
            self.posts = posts
        }
    }

    public struct Noticed: Sendable, Equatable, Codable {
        public var request: UInt64
        /// Where, and the notice's own id.
        public var offset: UInt64
        public var id: String

        public init(request: UInt64, offset: UInt64, id: String) {
            self.request = request
            self.offset = offset
            self.id = id
        }
    }

    /// What a post sent, page by page.
    public struct Compromised: Sendable, Equatable, Codable {
        public struct Sent: Sendable, Hashable, Codable {
            public var id: String
            /// As in the post header.
            public var kind: UInt8
            public var status: UInt8

            public init(id: String, kind: UInt8, status: UInt8) {
                self.id = id
                self.kind = kind
                self.status = status
            }
        }

        public var request: UInt64
        /// The page speaks for all offsets up to this one; the last one has reached `head`.
        public var through: UInt64
        public var head: UInt64
        public var alerts: [Sent]
        /// Ids that a notice among these offsets has withdrawn already.
        public var withdrawn: [String]

        public init(
            request: UInt64, through: UInt64, head: UInt64, alerts: [Sent] = [], withdrawn: [String] = []
        ) {
            self.request = request
            self.through = through
            self.head = head
            self.alerts = alerts
            self.withdrawn = withdrawn
        }
    }

    public struct Checkpoint: Sendable, Equatable, Codable {
        public var request: UInt64
        public var checkpoint: SignedCheckpoint
        /// Of the topics asked for, those that have had a delivery up to the offset, with their chains there; nil where none
        /// were asked for.
        public var topics: [TopicSequence]?
        /// Topics in the tree under the checkpoint's root, and what leads from the asked ones to it (``TopicTree``).
        public var count: UInt32?
        public var proof: [HexBytes]?

        public init(request: UInt64, checkpoint: SignedCheckpoint) {
            self.request = request
            self.checkpoint = checkpoint
        }
    }

    public struct Refused: Sendable, Equatable, Codable {
        /// Nil when the request could not be read that far, and when it comes unasked.
        public var request: UInt64?
        public var code: ReasonCode
        public var reason: String
        /// Of an alert whose seal does not verify (`signature`, unasked): which one, and the digest of its bytes in
        /// hexadecimal digits.
        public var epoch: HexNumber?
        public var sequence: UInt64?
        public var alert: String?
        /// Of `elsewhere`: the name of the hub that writes the log; nil: none does at the moment, or it is not known.
        public var hub: String?

        public init(request: UInt64?, code: ReasonCode, reason: String) {
            self.request = request
            self.code = code
            self.reason = reason
        }
    }
}
