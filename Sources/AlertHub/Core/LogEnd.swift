internal import Alerts
internal import AlertStore
internal import Identity
internal import LogProof
internal import Wire

/// The log's end as the hub knows it: enough to number the next alert, and nothing more.
struct LogEnd: Sendable, Equatable {
    let log: UInt64
    private(set) var offset: UInt64
    private(set) var hash: [UInt8]
    private(set) var received: Timestamp
    /// Index = topic number - 1.
    private(set) var topics: [Topic]
    /// The last sequence of each topic, at the same indices. It is apart from the names, since each commit copies it.
    private var sequences: [UInt64]
    /// Each topic's chain after its last sequence.
    private var chains: [[UInt8]]
    private var numbers: [Topic: UInt32]
    private(set) var positions: [String: Position]
    /// Epochs that a later one of the same post has superseded.
    private var former: [String: Set<UInt64>]

    init(_ state: LogState) {
        log = state.log
        offset = state.offset
        hash = state.hash
        received = state.received
        topics = state.topics.map(\.topic)
        sequences = state.topics.map(\.sequence)
        chains = state.topics.map { $0.chain.isEmpty ? Chain.origin(of: $0.topic.name) : $0.chain }
        numbers = [:]
        for head in state.topics { numbers[head.topic] = head.number }
        positions = [:]
        for position in state.positions { positions[position.post] = position }
        former = [:]
        for position in state.former { former[position.post, default: []].insert(position.epoch) }
    }

    /// By number.
    var heads: [TopicHead] {
        topics.indices.map {
            TopicHead(number: UInt32($0) + 1, topic: topics[$0], sequence: sequences[$0])
        }
    }

    /// The tree over the chains of all topics. Costs two hashes for each.
    var tree: TopicTree {
        TopicTree(topics.indices.map { TopicMark(sequence: sequences[$0], chain: chains[$0]) })
    }

    func number(of topic: Topic) -> UInt32? { numbers[topic] }

    /// The topic of a number, and its last sequence; nil and 0 of one that there is not.
    func topic(_ number: UInt32) -> Topic? {
        let index = Int(number) - 1
        return topics.indices.contains(index) ? topics[index] : nil
    }
    func sequence(of number: UInt32) -> UInt64 {
        let index = Int(number) - 1
        return sequences.indices.contains(index) ? sequences[index] : 0
    }

    /// The topics of a record's deliveries. Numbers that no topic has are left out: a damaged file can hold any number.
    func topics(of record: Record) -> [Topic] {
        record.deliveries.compactMap { topic($0.topic) }
    }

    func isFormer(epoch: UInt64, of post: String) -> Bool { former[post]?.contains(epoch) ?? false }

    /// The last sequence taken of a post in its current epoch; 0 for any other epoch.
    func consumed(_ post: String, epoch: UInt64) -> UInt64 {
        guard let position = positions[post], position.epoch == epoch else { return 0 }
        return position.through
    }

    /// Starts an epoch, or moves the post's position on.
    mutating func move(_ post: String, epoch: UInt64, through: UInt64) {
        if let position = positions[post], position.epoch != epoch {
            former[post, default: []].insert(position.epoch)
        }
        positions[post] = Position(post: post, epoch: epoch, through: through)
    }

    /// Gives an alert its place: offset, time, one number in each of its topics, and its link in the chains.
    /// - Returns: the record, and the topics that had no number before.
    mutating func append(_ alert: ValidatedAlert, at now: Timestamp) -> (record: Record, new: [TopicHead]) {
        var new: [TopicHead] = []
        var deliveries: [Record.Delivery] = []
        var places: [Int] = []
        for topic in alert.topics {
            let index: Int
            if let number = numbers[topic] {
                index = Int(number) - 1
            } else {
                index = topics.count
                new.append(add(topic))
            }
            sequences[index] += 1
            places.append(index)
            deliveries.append(Record.Delivery(topic: UInt32(index) + 1, sequence: sequences[index]))
        }
        offset += 1
        // The log's order is by offset; a clock that was set back must not make it look otherwise.
        received = max(received, now)
        var record = Record(
            offset: offset, post: alert.header.post, epoch: alert.header.epoch,
            sequence: alert.header.sequence,
            received: received, alert: alert.id, references: alert.references, deliveries: deliveries,
            signed: alert.signed,
            hash: [])
        let body = record.body(digest: alert.digest)
        record.chains.reserveCapacity(places.count * Record.chainLength)
        for (place, delivery) in zip(places, deliveries) {
            chains[place] = Chain.topic(after: chains[place], sequence: delivery.sequence, body)
            record.chains += chains[place]
        }
        record.hash = record.hash(after: hash, body)
        hash = record.hash
        return (record, new)
    }

    private mutating func add(_ topic: Topic) -> TopicHead {
        let head = TopicHead(number: UInt32(topics.count) + 1, topic: topic, sequence: 0)
        topics.append(topic)
        sequences.append(0)
        chains.append(Chain.origin(of: topic.name))
        numbers[topic] = head.number
        return head
    }

    /// How what another hub has written does not continue the log.
    struct Break: Error {
        var detail: String
    }

    /// Takes over a record to which another hub has given its place, if it continues the log.
    /// - named: topics that may be new here, by number.
    mutating func follow(_ record: Record, _ named: [UInt32: Topic]) throws(Break) {
        guard record.offset == offset + 1, record.received >= received else {
            throw Break(detail: "offset \(record.offset) came after offset \(offset)")
        }
        let body = record.body(digest: record.payloadDigest)
        for (place, delivery) in record.deliveries.enumerated() {
            let index = Int(delivery.topic) - 1
            if index == topics.count, let topic = named[delivery.topic], numbers[topic] == nil {
                _ = add(topic)
            }
            guard topics.indices.contains(index), delivery.sequence == sequences[index] + 1 else {
                throw Break(
                    detail:
                        "at offset \(record.offset) topic number \(delivery.topic) has sequence \(delivery.sequence)"
                )
            }
            sequences[index] = delivery.sequence
            chains[index] = Chain.topic(after: chains[index], sequence: delivery.sequence, body)
            guard record.chain(at: place).map({ $0 == chains[index] }) ?? true else {
                throw Break(
                    detail: "offset \(record.offset) breaks the chain of topic number \(delivery.topic)")
            }
        }
        guard record.hash == record.hash(after: hash, body) else {
            throw Break(detail: "the hash at offset \(record.offset) does not continue the chain")
        }
        (offset, hash, received) = (record.offset, record.hash, record.received)
        move(record.post, epoch: record.epoch, through: record.sequence)
    }
}
