package import Alerts
internal import Identity
internal import LogProof
internal import Wire

/// The chains of the topics that a stream follows, recomputed from what the hub delivers (PROTOCOL.md, "Chains"): what the
/// hub signs later must agree with them. A value.
package struct TopicChains: Sendable, Equatable {
    /// By topic number; a topic that has had no delivery is left out.
    package private(set) var marks: [UInt32: TopicMark]
    /// Where the chains are known to stand at an offset that the stream has yet to pass.
    private var expected: (offset: UInt64, marks: [UInt32: TopicMark])?

    /// The hub delivers something that does not continue what it had delivered, or signed.
    struct Break: Error {
        var description: String
    }

    /// One of a record's topics that the stream follows.
    struct Place {
        var number: UInt32
        var topic: Topic
        var sequence: UInt64
    }

    package init(_ marks: [UInt32: TopicMark]) {
        self.marks = marks
    }

    /// When the stream passes the offset, its chains must stand there.
    package mutating func expect(_ marks: [UInt32: TopicMark], at offset: UInt64) {
        expected = (offset, marks)
    }

    /// Everything up to the offset has been taken.
    mutating func pass(_ offset: UInt64) throws(Break) {
        guard let expected, offset >= expected.offset else { return }
        for (number, mark) in expected.marks where marks[number] != mark {
            throw Break(
                description:
                    "topic number \(number) is not as the hub had signed it for offset \(expected.offset)")
        }
        self.expected = nil
    }

    /// Takes a record; in offset order.
    /// - body: see ``Chain/body(offset:received:header:digest:seal:)``.
    mutating func take(_ body: [UInt8], at offset: UInt64, on places: [Place]) throws(Break) {
        try pass(offset - 1)
        for place in places {
            let before = marks[place.number]
            guard place.sequence == (before?.sequence ?? 0) &+ 1 else {
                throw Break(
                    description: "offset \(offset) has sequence \(place.sequence) in \(place.topic), after "
                        + "\(before?.sequence ?? 0)")
            }
            let chain = before?.chain ?? Chain.origin(of: place.topic.name)
            marks[place.number] = TopicMark(
                sequence: place.sequence,
                chain: Chain.topic(after: chain, sequence: place.sequence, body))
        }
    }

    package static func == (left: TopicChains, right: TopicChains) -> Bool {
        left.marks == right.marks && left.expected?.offset == right.expected?.offset
            && left.expected?.marks == right.expected?.marks
    }
}
