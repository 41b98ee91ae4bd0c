/// The last sequence of each topic that a feed carries, by the topic's number.
///
/// Every delivery carries the heads as they were just before it, so that a reader knows with each message, and not only
/// at its next one on the same topic, whether it has missed anything of an earlier offset.
public struct Heads: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public var topic: UInt32
        public var sequence: UInt64

        public init(topic: UInt32, sequence: UInt64) {
            self.topic = topic
            self.sequence = sequence
        }
    }

    /// Ascending by topic; topics without a delivery are left out.
    public var entries: [Entry]

    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// In bytes: the count of topics, then for each the difference of its number from the one before it, and its sequence; all
    /// LEB128.
    func put(into writer: inout ByteWriter) {
        writer.putVarint(UInt64(entries.count))
        var previous: UInt32 = 0
        for entry in entries {
            writer.putVarint(UInt64(entry.topic &- previous))
            writer.putVarint(entry.sequence)
            previous = entry.topic
        }
    }

    init(from reader: inout ByteReader) throws(Malformed) {
        let count = try reader.takeVarint("heads")
        // Each entry takes two bytes or more, so a false count can't reserve memory: it runs into the frame's end.
        entries = []
        var previous: UInt64 = 0
        for _ in 0..<count {
            let step = try reader.takeVarint("heads")
            guard step > 0, step <= UInt64(UInt32.max) - previous else {
                throw Malformed("heads: topic numbers must ascend from 1 within 32 bits")
            }
            previous += step
            let sequence = try reader.takeShortNumber(atLeast: 1, "heads: sequence")
            entries.append(Entry(topic: UInt32(previous), sequence: sequence))
        }
    }
}
