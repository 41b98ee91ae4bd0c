internal import Alerts
internal import AlertStore
internal import Identity
internal import Notation
internal import Wire

/// A feed: the exact stream of what one read grant allows. Its ZAP domain admits the identities with that very grant.
package struct Feed: Sendable, Equatable {
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
    /// In the order of their domains.
    private(set) var feeds: [Feed] = []
    /// Last published sequence per topic; index = topic number - 1.
    private var published: [UInt64]
    private var topics: [Topic]
    /// The topics' names as frames, at the same indices.
    private var names: [[UInt8]]
    private let log: UInt64

    init(_ end: LogEnd, _ registry: Registry) {
        log = end.log
        topics = end.topics
        names = topics.map { Array($0.name.utf8) }
        published = end.heads.map(\.sequence)
        _ = follow(registry)
    }

    /// What a changed registry asks of the sockets.
    struct Change: Sendable, Equatable {
        var open: [Feed] = []
        var close: [String] = []
        /// A key that could use the feed no longer may: all of its connections must authenticate again.
        var rebind: [String] = []
    }

    mutating func follow(_ registry: Registry) -> Change {
        var change = Change()
        var wanted: [String: Feed] = [:]
        for identity in registry.identities where !identity.read.isEmpty {
            let domain = Feed.domain(of: identity.read)
            wanted[domain, default: Feed(grant: identity.read)].users.formUnion(identity.users)
        }
        change.close = feeds.map(\.domain).filter { wanted[$0] == nil }
        let former = Dictionary(uniqueKeysWithValues: feeds.map { ($0.domain, $0) })
        feeds = wanted.values.sorted { $0.domain < $1.domain }
        for index in feeds.indices {
            feeds[index].topics = carried(by: feeds[index].grant)
            let feed = feeds[index]
            guard let old = former[feed.domain] else {
                change.open.append(feed)
                continue
            }
            if !old.users.isSubset(of: feed.users) { change.rebind.append(feed.domain) }
        }
        return change
    }

    /// A message to publish.
    typealias Message = (domain: String, frames: [[UInt8]])

    /// The messages of stored records, in the order to send them. Records must come in offset order, each once. Alerts that
    /// follow each other in a feed on one topic share a message.
    mutating func deliveries(of records: [Record], newTopics: (UInt32) -> Topic?) -> [Message] {
        for record in records { addTopics(of: record, newTopics) }
        // One place for each feed.
        var open = [Delivery?](repeating: nil, count: feeds.count)
        var messages: [Message] = []
        for record in records { deliver(record, &open, &messages) }
        for (feed, delivery) in zip(feeds, open) {
            if let delivery { messages.append(message(feed.domain, delivery)) }
        }
        return messages
    }

    private mutating func addTopics(of record: Record, _ newTopics: (UInt32) -> Topic?) {
        for delivery in record.deliveries where Int(delivery.topic) > topics.count {
            guard let topic = newTopics(delivery.topic) else { continue }
            topics.append(topic)
            names.append(Array(topic.name.utf8))
            published.append(0)
            for index in feeds.indices where feeds[index].grant.allows(topic) {
                feeds[index].topics.append(delivery.topic)
            }
        }
    }

    private mutating func deliver(
        _ record: Record, _ open: inout [Delivery?], _ messages: inout [Message]
    ) {
        var item = Delivery.Item(
            offset: record.offset, received: record.received, signed: record.signed)
        for (place, feed) in feeds.enumerated() {
            let own = record.deliveries.filter { feed.topics.contains($0.topic) }
            guard !own.isEmpty else { continue }
            if record.erased != nil {
                // A hub that follows may come to it so late. What is published has no place for the digest, so that readers
                // find a gap, and it in the log.
                if let delivery = open[place].take() { messages.append(message(feed.domain, delivery)) }
                continue
            }
            item.others = []
            // Only an alert on one topic of the feed may join others: with several, each copy has heads of its own.
            if own.count == 1, var delivery = open[place].take() {
                if delivery.topicNumber == own[0].topic, hasRoom(delivery, for: item) {
                    delivery.alerts.append(item)
                    open[place] = delivery
                    continue
                }
                messages.append(message(feed.domain, delivery))
            } else if let delivery = open[place].take() {
                messages.append(message(feed.domain, delivery))
            }
            let heads = heads(of: feed)
            for (index, copy) in own.enumerated() {
                item.others = own.indices.filter { $0 != index }.map {
                    Heads.Entry(topic: own[$0].topic, sequence: own[$0].sequence)
                }
                let delivery = Delivery(
                    log: log, topicNumber: copy.topic, firstSequence: copy.sequence, heads: heads,
                    alerts: [item])
                if own.count == 1 {
                    open[place] = delivery
                } else {
                    messages.append(message(feed.domain, delivery))
                }
            }
        }
        for delivery in record.deliveries { published[Int(delivery.topic) - 1] = delivery.sequence }
    }

    private func hasRoom(_ delivery: Delivery, for item: Delivery.Item) -> Bool {
        guard delivery.alerts.count < WireLimits.deliveryAlerts else { return false }
        let size = delivery.alerts.reduce(Delivery.size(of: item)) { $0 + Delivery.size(of: $1) }
        return size <= WireLimits.deliveryBytes
    }

    private func message(_ domain: String, _ delivery: Delivery) -> Message {
        (domain, [names[Int(delivery.topicNumber) - 1], delivery.encoded()])
    }

    /// A heartbeat for each feed.
    /// - escalations: those that a grant covers.
    func heartbeats(
        offset: UInt64, at now: Timestamp, _ checkpoint: SignedCheckpoint?,
        escalations: (Grant) -> Escalations? = { _ in nil }
    ) -> [Message] {
        feeds.map { feed in
            var heartbeat = Heartbeat(log: log, offset: offset, sent: now, heads: heads(of: feed))
            heartbeat.checkpoint = checkpoint
            heartbeat.escalations = escalations(feed.grant)
            return (feed.domain, heartbeat.frames())
        }
    }

    private func carried(by grant: Grant) -> [UInt32] {
        topics.indices.filter { grant.allows(topics[$0]) }.map { UInt32($0) + 1 }
    }

    private func heads(of feed: Feed) -> Heads {
        var entries: [Heads.Entry] = []
        entries.reserveCapacity(feed.topics.count)
        for number in feed.topics {
            let sequence = published[Int(number) - 1]
            if sequence > 0 { entries.append(Heads.Entry(topic: number, sequence: sequence)) }
        }
        return Heads(entries)
    }
}
