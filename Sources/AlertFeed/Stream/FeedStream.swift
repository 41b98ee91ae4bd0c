internal import Alerts
internal import LogProof
public import Wire

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
        /// What the hub delivers does not continue what it had delivered or signed before.
        case forked(String)
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
        var others: [Heads.Entry]
    }

    public let selection: Selection
    /// Everything of the selection up to this offset has been emitted.
    public private(set) var position: UInt64
    /// Up to this offset nothing is emitted, only verified: it was emitted in an earlier run.
    private let quietThrough: UInt64
    /// Nothing up to this offset is emitted.
    var beginning: UInt64 { max(position, quietThrough) }
    /// nil: nothing is recomputed.
    package private(set) var chains: TopicChains?
    /// Records that were passed over since all of their topics are of kinds that this program doesn't know.
    public private(set) var unknownKinds: UInt64 = 0
    /// The log that positions refer to; nil until the first welcome of a stream that starts fresh.
    public private(set) var log: UInt64?
    /// How often something was missing from the feed and fetched by a replay.
    public private(set) var repairs: UInt64 = 0
    private var mode = Mode.waiting
    /// The request of the page that was announced, and is to be taken next.
    private var announced: UInt64?
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
    ///   - quietThrough: emit only what comes after this offset too.
    ///   - chains: where the topics of the selection stand at `after`; nil: nothing is recomputed.
    ///   - firstRequest: request numbers are counted from here.
    package init(
        _ selection: Selection, after: UInt64, log: UInt64?, quietThrough: UInt64 = 0,
        chains: TopicChains? = nil, firstRequest: UInt64 = 1_000
    ) {
        self.selection = selection
        self.quietThrough = quietThrough
        self.chains = chains
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
            names[delivery.topicNumber] = topic
            var actions: [Action] = []
            for (index, item) in delivery.alerts.enumerated() {
                let copy = Copy(
                    alert: StreamedAlert(
                        offset: item.offset, topic: topic,
                        topicSequence: delivery.firstSequence + UInt64(index), received: item.received,
                        signed: item.signed),
                    topicNumber: delivery.topicNumber, heads: delivery.heads, others: item.others)
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
            return pass(position).map { [$0] } ?? []
        }
    }

    /// The page asked for has come, and is taken next with ``received(_:_:)``. The one after it can be asked for before that, so
    /// that the hub reads on meanwhile.
    /// - Returns: nil: it is the last one, or not what was asked for.
    public mutating func announce(_ page: Reply.Page) -> Request.Replay? {
        guard mode == .replaying(request: page.request), page.log.value == log, page.after <= position,
            page.through > page.after, page.through > position, page.through < page.head
        else { return nil }
        announced = page.request
        return replay(after: page.through)
    }

    /// A page, if it is the one asked for; any other is ignored.
    public mutating func received(_ page: Reply.Page, _ records: [PageRecord]) -> [Action] {
        let isAhead = announced == page.request
        guard isAhead || mode == .replaying(request: page.request), page.after <= position else { return [] }
        announced = nil
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
            guard record.deliveries.allSatisfy({ isSelected[$0.topic] != nil }) else {
                return [.broken("offset \(record.offset) came on topics that the page does not name")]
            }
            let places = selected(record.deliveries)
            guard let first = places.first else {
                unknownKinds += 1
                continue
            }
            let alert = StreamedAlert(
                offset: record.offset, topic: first.topic, topicSequence: first.sequence,
                received: record.received, signed: record.signed,
                erased: record.erased)
            if let fork = take(alert, places) { return actions + [fork] }
            actions += emit(alert, places)
        }
        position = max(position, page.through)
        if let fork = pass(position) { return actions + [fork] }
        guard page.through >= page.head else { return isAhead ? actions : actions + [replay()] }
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
        guard isComplete(copy.heads, but: number), seen[number, default: 0] &+ 1 == sequence,
            copy.others.allSatisfy({ isSelected[$0.topic] != nil })
        else {
            held.append(copy)
            return repair()
        }
        let places =
            [TopicChains.Place(number: number, topic: copy.alert.topic, sequence: sequence)]
            + selected(copy.others)
        if let fork = take(copy.alert, places) { return [fork] }
        for place in places { seen[place.number] = max(seen[place.number, default: 0], place.sequence) }
        return emit(copy.alert, places)
    }

    private mutating func emit(_ alert: StreamedAlert, _ places: [TopicChains.Place]) -> [Action] {
        position = alert.offset
        guard alert.offset > quietThrough else { return [] }
        var alert = alert
        alert.places = places.map { Heads.Entry(topic: $0.number, sequence: $0.sequence) }
        return [.emit(alert)]
    }

    /// - Returns: nil when the alert continues the chains of its topics.
    private mutating func take(_ alert: StreamedAlert, _ places: [TopicChains.Place]) -> Action? {
        guard chains != nil else { return nil }
        let body = Chain.body(
            offset: alert.offset, received: alert.received, header: alert.signed.header, digest: alert.digest,
            seal: alert.signed.signature)
        do throws(TopicChains.Break) {
            try chains?.take(body, at: alert.offset, on: places)
            return nil
        } catch {
            return .forked(error.description)
        }
    }

    private mutating func pass(_ offset: UInt64) -> Action? {
        do throws(TopicChains.Break) {
            try chains?.pass(offset)
            return nil
        } catch {
            return .forked(error.description)
        }
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
        announced = nil
        return .replay(replay(after: position))
    }

    private mutating func replay(after offset: UInt64) -> Request.Replay {
        lastRequest += 1
        mode = .replaying(request: lastRequest)
        return Request.Replay(request: lastRequest, after: offset, topics: selection.names)
    }

    private mutating func learn(_ topics: [Reply.TopicSequence]) {
        for entry in topics {
            guard let topic = Topic(entry.topic) else {
                // Of a kind that a newer hub knows: nothing here asks for it.
                isSelected[entry.number] = false
                continue
            }
            isSelected[entry.number] = selection.contains(topic)
            names[entry.number] = topic
        }
    }

    private func selected(_ deliveries: [Heads.Entry]) -> [TopicChains.Place] {
        deliveries.compactMap { delivery in
            guard isSelected[delivery.topic] == true, let topic = names[delivery.topic] else { return nil }
            return TopicChains.Place(number: delivery.topic, topic: topic, sequence: delivery.sequence)
        }
    }
}
