public import Alerts
internal import Identity
public import Wire

/// What a hub says of some topics' chains at an offset, held against the root that it has signed.
public enum ChainProof {
    /// - answer: a reply to a checkpoint request that named topics. Its signature is checked elsewhere (``CheckpointVerifier``).
    /// - Returns: the marks by topic number. Empty when none of the topics has had a delivery yet, which no root can prove.
    public static func marks(
        in answer: Reply.Checkpoint
    ) throws(CheckpointVerifier.Fork) -> [UInt32: (topic: String, mark: TopicMark)] {
        guard let topics = answer.topics, let count = answer.count, let proof = answer.proof else {
            throw CheckpointVerifier.Fork(
                description: "the hub answers without the chains that it was asked for")
        }
        var named: [UInt32: (topic: String, mark: TopicMark)] = [:]
        for entry in topics {
            guard let chain = entry.chain?.bytes, entry.sequence >= 1 else {
                throw CheckpointVerifier.Fork(
                    description: "the hub names topic number \(entry.number) without its chain")
            }
            named[entry.number] = (entry.topic, TopicMark(sequence: entry.sequence, chain: chain))
        }
        guard !named.isEmpty else { return [:] }
        let root = TopicTree.root(count: count, marks: named.mapValues(\.mark), proof: proof.map(\.bytes))
        guard root == answer.checkpoint.checkpoint.root else {
            throw CheckpointVerifier.Fork(
                description: "the chains that the hub names are not those that it has signed at offset "
                    + "\(answer.checkpoint.checkpoint.offset)")
        }
        return named
    }
}
