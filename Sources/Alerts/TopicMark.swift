/// Where a topic's chain stands: what a leaf of the tree under a checkpoint's root holds.
public struct TopicMark: Sendable, Equatable {
    /// The last sequence; 1 or more in a tree.
    public var sequence: UInt64
    /// The topic's chain after it, 32 bytes.
    public var chain: [UInt8]

    public init(sequence: UInt64, chain: [UInt8]) {
        self.sequence = sequence
        self.chain = chain
    }
}
