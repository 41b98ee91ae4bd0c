public import Alerts
public import Wire

/// An alert as it comes out of the stream: once, in offset order.
public struct StreamedAlert: Sendable, Equatable {
    public var offset: UInt64
    /// Of the topics asked for, the first that the alert was delivered on.
    public var topic: Topic
    public var topicSequence: UInt64
    public var received: Timestamp
    public var header: [UInt8]
    public var payload: [UInt8]
    public var signature: [UInt8]

    package init(
        offset: UInt64, topic: Topic, topicSequence: UInt64, received: Timestamp, header: [UInt8],
        payload: [UInt8], signature: [UInt8]
    ) {
        self.offset = offset
        self.topic = topic
        self.topicSequence = topicSequence
        self.received = received
        self.header = header
        self.payload = payload
        self.signature = signature
    }
}

/// Makes an exact stream of a feed that may lose messages: every alert of the selection, once, in offset order.
///
/// The zguide's Clone pattern, taken to its end: replay from where we are, then live; whatever shows that something is
/// missing (a delivery's heads, a heartbeat) leads back to a replay from there. A value: messages in, actions out, no
/// clock and no socket. PROTOCOL.md, "Reading a feed", has the state diagram.
public struct FeedStream: Sendable {
    /// Deliveries held while a replay is under way; more are let go, and the heads of a later one will show it.
    public static let mostHeld = 4_096

    public enum Action: Sendable, Equatable {
        case emit(StreamedAlert)
        /// Ask for the next page. A request that gets no reply is asked again with ``FeedStream/askAgain()``.
        case replay(Request.Replay)
        /// Everything up to the offset has been emitted, and the feed is live.
        case caughtUp(offset: UInt64)
        /// The hub has another log than the one this stream reads: its offsets mean nothing here.
        case otherLog(UInt64)
        /// The hub does not keep to the protocol; nothing is guessed.
        case broken(String)
    }

    private enum Mode: Equatable {
        case waiting
        case replaying(request: UInt64)
        case live
    }

    /// One alert of a delivery. Its heads are those before the delivery's first alert: between the two there is nothing but
    /// alerts of its own topic, whose sequence tells of them.
    private struct Copy: Equatable {
        var alert: StreamedAlert
        var topicNumber: UInt32
        var heads: Heads
    }

    public let selection: Selection
    /// Everything of the selection up to this offset has been emitted.
    public private(set) var position: UInt64
    /// The log that positions refer to; nil until the first welcome of a stream that starts fresh.
    public private(set) var log: UInt64?
    /// How often something was missing from the feed and fetched by a replay.
    public private(set) var repairs: UInt64 = 0
    private var mode = Mode.waiting
    /// Last sequence accounted for, per topic number of the selection.
    private var seen: [UInt32: UInt64] = [:]
    /// Whether a topic number belongs to the selection, as far as its name is known.
    private var isSelected: [UInt32: Bool] = [:]
    /// Names of topic numbers, for the records of a page, which carry only numbers.
    private var names: [UInt32: Topic] = [:]
    private var held: [Copy] = []
    private var lastRequest: UInt64

    /// - Parameters:
    ///   - after: start after this offset: 0 for the beginning.
    ///   - log: the log that `after` belongs to; nil when it is the hub's present one, whichever that is.
    ///   - firstRequest: request numbers are counted from here.
    public init(_ selection: Selection, after: UInt64, log: UInt64?, firstRequest: UInt64 = 1_000) {
        self.selection = selection
        position = after
        self.log = log
        lastRequest = firstRequest
    }

    /// The hub has said who it is: on every new link, also after a hub's restart.
    public mutating func welcomed(_ welcome: Reply.Welcome) -> [Action] {
        if let log, log != welcome.log.value { return [.otherLog(welcome.log.value)] }
        log = welcome.log.value
        learn(welcome.topics)
        return [replay()]
    }

    public mutating func received(_ message: FeedMessage) -> [Action] {
        switch message {
        case .delivery(let topic, let delivery):
            guard delivery.log == log, selection.contains(topic) else { return [] }
            isSelected[delivery.topicNumber] = true
            var actions: [Action] = []
            for (index, item) in delivery.alerts.enumerated() {
                let copy = Copy(
                    alert: StreamedAlert(
                        offset: item.offset, topic: topic,
                        topicSequence: delivery.firstSequence + UInt64(index), received: item.received,
                        header: item.header, payload: item.payload, signature: item.signature),
                    topicNumber: delivery.topicNumber, heads: delivery.heads)
                if mode == .live {
                    actions += live(copy)
                } else if held.count < FeedStream.mostHeld {
                    held.append(copy)
                }
            }
            return actions
        case .heartbeat(let heartbeat):
            guard mode == .live, heartbeat.log == log else { return [] }
            guard isComplete(heartbeat.heads) else { return repair() }
            position = max(position, heartbeat.offset)
            return []
        }
    }

    /// A page, if it is the one asked for; any other is ignored.
    public mutating func received(_ page: Reply.Page, _ records: [PageRecord]) -> [Action] {
        guard mode == .replaying(request: page.request), page.after <= position else { return [] }
        guard page.log.value == log else { return [.otherLog(page.log.value)] }
        guard records.count == page.count, records.last?.offset ?? 0 <= page.through else {
            return [.broken("a page does not hold what it says")]
        }
        guard page.head >= page.after else {
            // Its next alerts would get offsets that we have had: taken for ours, they would be passed over in silence.
            return [
                .broken(
                    "its log ends at offset \(page.head), before \(page.after): it was restored from an older copy"
                )
            ]
        }
        guard page.through > page.after || page.through >= page.head else {
            return [.broken("a page after offset \(page.after) moves nothing on")]
        }
        learn(page.topics)
        var actions: [Action] = []
        for record in records where record.offset > position {
            guard let (topic, sequence) = firstSelected(record) else {
                return [.broken("offset \(record.offset) came on topics that the page does not name")]
            }
            position = record.offset
            actions.append(
                .emit(
                    StreamedAlert(
                        offset: record.offset, topic: topic, topicSequence: sequence,
                        received: record.received,
                        header: record.header, payload: record.payload, signature: record.signature)))
        }
        position = max(position, page.through)
        guard page.through >= page.head else { return actions + [replay()] }
        for head in page.topics where isSelected[head.number] == true { seen[head.number] = head.sequence }
        mode = .live
        actions.append(.caughtUp(offset: position))
        let waiting = held
        held = []
        for copy in waiting {
            if mode == .live {
                actions += live(copy)
            } else {
                held.append(copy)
            }
        }
        return actions
    }

    /// The reply to the last replay request did not come: ask again.
    public mutating func askAgain() -> [Action] {
        guard case .replaying = mode else { return [] }
        return [replay()]
    }

    private mutating func live(_ copy: Copy) -> [Action] {
        let (number, sequence) = (copy.topicNumber, copy.alert.topicSequence)
        guard copy.alert.offset > position else {
            // The same alert on another of our topics, or one that a replay has brought already.
            seen[number] = max(seen[number, default: 0], sequence)
            return []
        }
        guard isComplete(copy.heads, but: number), seen[number, default: 0] &+ 1 == sequence else {
            held.append(copy)
            return repair()
        }
        seen[number] = sequence
        position = copy.alert.offset
        return [.emit(copy.alert)]
    }

    /// Whether everything that the heads count has been accounted for, but for one topic. A number whose topic isn't known
    /// yet counts as missing: the replay that follows brings its name.
    private func isComplete(_ heads: Heads, but own: UInt32? = nil) -> Bool {
        heads.entries.allSatisfy { entry in
            if entry.topic == own { return true }
            return switch isSelected[entry.topic] {
            case true?: seen[entry.topic, default: 0] >= entry.sequence
            case false?: true
            case nil: false
            }
        }
    }

    private mutating func repair() -> [Action] {
        repairs += 1
        return [replay()]
    }

    private mutating func replay() -> Action {
        lastRequest += 1
        mode = .replaying(request: lastRequest)
        return .replay(Request.Replay(request: lastRequest, after: position, topics: selection.names))
    }

    private mutating func learn(_ topics: [Reply.TopicSequence]) {
        for entry in topics {
            guard let topic = Topic(entry.topic) else { continue }
            isSelected[entry.number] = selection.contains(topic)
            names[entry.number] = topic
        }
    }

    private func firstSelected(_ record: PageRecord) -> (Topic, UInt64)? {
        for delivery in record.deliveries {
            if let topic = names[delivery.topic], selection.contains(topic) {
                return (topic, delivery.sequence)
            }
        }
        return nil
    }
}
