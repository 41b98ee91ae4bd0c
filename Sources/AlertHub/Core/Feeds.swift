internal import AlertStore
internal import Alerts
internal import Identity
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
    /// By domain.
    private(set) var feeds: [String: Feed] = [:]
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
        /// Some key that could use it no longer may: every connection must authenticate again.
        var rebind: [String] = []
    }

    mutating func follow(_ registry: Registry) -> Change {
        var change = Change()
        var wanted: [String: Feed] = [:]
        for identity in registry.identities where !identity.read.isEmpty {
            let domain = Feed.domain(of: identity.read)
            wanted[domain, default: Feed(grant: identity.read)].users.formUnion(identity.users)
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

    /// A message to publish.
    typealias Message = (domain: String, frames: [[UInt8]])

    /// The messages of stored records, in the order to send them. Records must come in offset order, each once. Alerts that
    /// follow each other in a feed on one topic share a message.
    mutating func deliveries(of records: [Record], newTopics: (UInt32) -> Topic?) -> [Message] {
        for record in records { addTopics(of: record, newTopics) }
        // One place for each feed, in the order of the dictionary, which does not change from here on.
        var open = [Delivery?](repeating: nil, count: feeds.count)
        var messages: [Message] = []
        for record in records { deliver(record, &open, &messages) }
        for (domain, delivery) in zip(feeds.keys, open) {
            if let delivery { messages.append(message(domain, delivery)) }
        }
        return messages
    }

    private mutating func addTopics(of record: Record, _ newTopics: (UInt32) -> Topic?) {
        for delivery in record.deliveries where Int(delivery.topic) > topics.count {
            guard let topic = newTopics(delivery.topic) else { continue }
            topics.append(topic)
            names.append(Array(topic.name.utf8))
            published.append(0)
            for domain in feeds.keys where feeds[domain]?.grant.allows(topic) == true {
                feeds[domain]?.topics.append(delivery.topic)
            }
        }
    }

    private mutating func deliver(
        _ record: Record, _ open: inout [Delivery?], _ messages: inout [Message]
    ) {
        var item = Delivery.Item(
            offset: record.offset, received: record.received, header: record.header, payload: record.payload,
            signature: record.signature)
        for (place, (domain, feed)) in feeds.enumerated() {
            let own = record.deliveries.filter { feed.topics.contains($0.topic) }
            guard !own.isEmpty else { continue }
            item.others = []
            // Only an alert on one topic of the feed may join others: with several, each copy has heads of its own.
            if own.count == 1, var delivery = open[place].take() {
                if delivery.topicNumber == own[0].topic, hasRoom(delivery, for: item) {
                    delivery.alerts.append(item)
                    open[place] = delivery
                    continue
                }
                messages.append(message(domain, delivery))
            } else if let delivery = open[place].take() {
                messages.append(message(domain, delivery))
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
                    messages.append(message(domain, delivery))
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
    func heartbeats(offset: UInt64, at now: Timestamp, _ checkpoint: SignedCheckpoint?) -> [Message] {
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
        var entries: [Heads.Entry] = []
        entries.reserveCapacity(feed.topics.count)
        for number in feed.topics {
            let sequence = published[Int(number) - 1]
            if sequence > 0 { entries.append(Heads.Entry(topic: number, sequence: sequence)) }
        }
        return Heads(entries)
    }
}
