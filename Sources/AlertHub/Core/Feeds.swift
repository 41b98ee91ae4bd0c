internal import AlertStore
internal import Alerts
internal import Identity
internal import Wire

/// A feed: the exact stream of what one read grant allows. Its ZAP domain admits the identities with that very grant.
struct Feed: Sendable, Equatable {
    let grant: Grant
    /// Derived from the grant, so that it is the same after a restart.
    let domain: String
    /// Numbers of the topics that it carries and that have had a delivery, ascending.
    fileprivate(set) var topics: [UInt32] = []
    /// The CURVE keys that may connect: when one of them goes, the feed binds anew.
    fileprivate(set) var users: Set<String> = []

    init(grant: Grant) {
        self.grant = grant
        domain = Feed.domain(of: grant)
    }

    static func domain(of grant: Grant) -> String {
        "feed-" + Array(sha256(Array(grant.texts.joined(separator: ",").utf8)).prefix(8)).hex
    }
}

/// Which feeds there are, and what each of them carries of a record. A value without sockets.
struct Feeds: Sendable {
    /// By domain.
    private(set) var feeds: [String: Feed] = [:]
    /// Last published sequence per topic; index = topic number - 1.
    private var published: [UInt64]
    private var topics: [Topic]
    private let log: UInt64

    init(_ end: LogEnd, _ registry: Registry) {
        log = end.log
        topics = end.topics.map(\.topic)
        published = end.topics.map(\.sequence)
        _ = follow(registry)
    }

    /// What a changed registry asks of the sockets.
    struct Change: Sendable, Equatable {
        var open: [Feed] = []
        var close: [String] = []
        /// Some key that could use it no longer may: every connection must authenticate again.
        var rebind: [String] = []
    }

    mutating func follow(_ registry: Registry) -> Change {
        var change = Change()
        var wanted: [String: Feed] = [:]
        for identity in registry.identities where !identity.read.isEmpty {
            let domain = Feed.domain(of: identity.read)
            wanted[domain, default: Feed(grant: identity.read)].users.insert(identity.user)
        }
        for domain in feeds.keys.sorted() where wanted[domain] == nil { change.close.append(domain) }
        for domain in wanted.keys.sorted() {
            guard var feed = wanted[domain] else { continue }
            feed.topics = carried(by: feed.grant)
            if let old = feeds[domain] {
                if !old.users.isSubset(of: feed.users) { change.rebind.append(domain) }
            } else {
                change.open.append(feed)
            }
            wanted[domain] = feed
        }
        feeds = wanted
        return change
    }

    /// The messages of a stored record, in the order to send them. Records must come in offset order, each once.
    mutating func deliveries(of record: Record, newTopics: (UInt32) -> Topic?) -> [(
        domain: String, frames: [[UInt8]]
    )] {
        for delivery in record.deliveries where Int(delivery.topic) > topics.count {
            guard let topic = newTopics(delivery.topic) else { continue }
            topics.append(topic)
            published.append(0)
            for domain in feeds.keys where feeds[domain]?.grant.allows(topic) == true {
                feeds[domain]?.topics.append(delivery.topic)
            }
        }
        var messages: [(domain: String, frames: [[UInt8]])] = []
        for (domain, feed) in feeds {
            let own = record.deliveries.filter { feed.grant.allows(topics[Int($0.topic) - 1]) }
            guard !own.isEmpty else { continue }
            let heads = heads(of: feed)
            for delivery in own {
                let header = DeliveryHeader(
                    log: log, offset: record.offset, topicNumber: delivery.topic,
                    topicSequence: delivery.sequence,
                    received: record.received, heads: heads)
                let topic = Array(topics[Int(delivery.topic) - 1].name.utf8)
                messages.append(
                    (domain, [topic, header.encoded(), record.header, record.payload, record.signature]))
            }
        }
        for delivery in record.deliveries { published[Int(delivery.topic) - 1] = delivery.sequence }
        return messages
    }

    /// A heartbeat for each feed.
    func heartbeats(
        offset: UInt64, at now: Timestamp, _ checkpoint: SignedCheckpoint?
    ) -> [(domain: String, frames: [[UInt8]])] {
        feeds.map { domain, feed in
            var heartbeat = Heartbeat(log: log, offset: offset, sent: now, heads: heads(of: feed))
            heartbeat.checkpoint = checkpoint
            return (domain, heartbeat.frames())
        }
    }

    private func carried(by grant: Grant) -> [UInt32] {
        topics.indices.filter { grant.allows(topics[$0]) }.map { UInt32($0) + 1 }
    }

    private func heads(of feed: Feed) -> Heads {
        Heads(
            feed.topics.compactMap { number in
                let sequence = published[Int(number) - 1]
                return sequence == 0 ? nil : Heads.Entry(topic: number, sequence: sequence)
            })
    }
}
