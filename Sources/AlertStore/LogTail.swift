package import Alerts

/// Where the log ends: what a batch must continue. Every store checks its batches with this value.
package struct LogTail: Sendable, Equatable {
    /// A post in one epoch.
    package struct Stream: Sendable, Hashable {
        package var post: String
        package var epoch: UInt64

        package init(post: String, epoch: UInt64) {
            self.post = post
            self.epoch = epoch
        }
    }

    package var offset: UInt64 = 0
    package var hash = [UInt8](repeating: 0, count: 32)
    package var received = Timestamp(milliseconds: 0)
    package private(set) var topics: [UInt32: Topic] = [:]

    package init() {}

    /// The last sequence of each topic: apart, since each commit copies them.
    package var sequences: [UInt32: UInt64] = [:]
    /// Its chain after that.
    package var chains: [UInt32: [UInt8]] = [:]
    /// How far each stream has been consumed, those of earlier epochs too.
    package var streams: [Stream: UInt64] = [:]
    /// The current epoch of each post.
    package var epochs: [String: UInt64] = [:]

    /// Takes a batch in, or says why it does not continue the log; then the tail is not to be used further.
    package mutating func advance(by batch: borrowing Batch) throws(Break) {
        for new in batch.newTopics { try add(new) }
        let before = streams
        for position in batch.positions { try move(to: position) }
        // How far each stream's records have come within this batch.
        var reached: [Stream: UInt64] = [:]
        for record in batch.records {
            let last = reached[record.stream] ?? before[record.stream] ?? 0
            try append(record, after: last)
            reached[record.stream] = record.sequence
        }
        for (stream, sequence) in reached {
            guard let through = streams[stream] else {
                throw Break("no position was ever given for post \(stream.post) in epoch \(stream.epoch)")
            }
            if sequence > through { streams[stream] = sequence }
        }
    }

    private mutating func add(_ new: TopicHead) throws(Break) {
        guard topics[new.number] == nil else { throw Break("topic number \(new.number) is taken") }
        guard !topics.values.contains(new.topic) else {
            throw Break("topic \(new.topic) has a number already")
        }
        put(TopicHead(number: new.number, topic: new.topic, sequence: 0))
    }

    package mutating func put(_ head: TopicHead) {
        topics[head.number] = head.topic
        sequences[head.number] = head.sequence
        chains[head.number] = head.chain
    }

    private mutating func move(to position: Position) throws(Break) {
        let isCurrent = epochs[position.post] == position.epoch
        if let through = streams[position.stream] {
            guard isCurrent else {
                throw Break("post \(position.post) has left epoch \(position.epoch)")
            }
            guard position.through >= through else {
                throw Break("post \(position.post) goes back from sequence \(through) to \(position.through)")
            }
        }
        guard position.through <= LogTail.greatest else {
            throw Break("post \(position.post) is at sequence \(position.through), above \(LogTail.greatest)")
        }
        streams[position.stream] = position.through
        // Writing what is there already would copy the dictionary, which the tail before shares.
        if !isCurrent { epochs[position.post] = position.epoch }
    }

    private mutating func append(_ record: Record, after sequence: UInt64) throws(Break) {
        guard offset < LogTail.greatest, record.offset == offset + 1 else {
            throw Break("offset \(record.offset) after offset \(offset)")
        }
        guard record.received >= received else { throw Break("offset \(record.offset) goes back in time") }
        guard record.sequence > sequence, record.sequence <= LogTail.greatest else {
            throw Break("post \(record.post) gives sequence \(record.sequence) after \(sequence)")
        }
        for (index, delivery) in record.deliveries.enumerated() {
            guard let last = sequences[delivery.topic] else {
                throw Break("topic number \(delivery.topic) is not known")
            }
            guard delivery.sequence == last + 1 else {
                throw Break(
                    "topic number \(delivery.topic) gives sequence \(delivery.sequence) after \(last)")
            }
            sequences[delivery.topic] = delivery.sequence
            if let chain = record.chain(at: index) { chains[delivery.topic] = chain }
        }
        offset = record.offset
        hash = record.hash
        received = record.received
    }

    /// The greatest number that databases hold; a million alerts a second take 292,000 years to reach it.
    package static let greatest = UInt64(Int64.max)

    /// What a batch does instead of continuing the log.
    package struct Break: Error {
        package var detail: String

        init(_ detail: String) {
            self.detail = detail
        }
    }

    package func state(log: UInt64) -> LogState {
        LogState(
            log: log, offset: offset, hash: hash, received: received,
            topics: topics.sorted { $0.key < $1.key }.map { number, topic in
                TopicHead(
                    number: number, topic: topic, sequence: sequences[number] ?? 0,
                    chain: chains[number] ?? [])
            },
            positions: epochs.map { post, epoch in
                Position(post: post, epoch: epoch, through: streams[Stream(post: post, epoch: epoch)] ?? 0)
            }.sorted { $0.post < $1.post },
            former: streams.filter { epochs[$0.key.post] != $0.key.epoch }.map { stream, through in
                Position(post: stream.post, epoch: stream.epoch, through: through)
            }.sorted { ($0.post, $0.epoch) < ($1.post, $1.epoch) })
    }
}

extension Record {
    package var stream: LogTail.Stream { LogTail.Stream(post: post, epoch: epoch) }
}

extension Position {
    package var stream: LogTail.Stream { LogTail.Stream(post: post, epoch: epoch) }
}
