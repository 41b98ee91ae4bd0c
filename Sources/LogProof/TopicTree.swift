public import Alerts
internal import Identity
internal import Wire

/// The Merkle tree over the chains of all topics that have had a delivery, by their numbers: its root is signed with each
/// checkpoint, and who may read only some topics gets what leads from these to the root, and learns nothing of the others
/// but how many there are (PROTOCOL.md, "Chains").
public struct TopicTree: Sendable {
    /// Leaves first.
    private let levels: [[[UInt8]]]

    /// - marks: of the topics 1, 2, 3 ... in this order.
    public init(_ marks: [TopicMark]) {
        var levels = [marks.indices.map { TopicTree.leaf(UInt32($0) + 1, marks[$0]) }]
        while let level = levels.last, level.count > 1 {
            levels.append(
                stride(from: 0, to: level.count, by: 2).map { index in
                    index + 1 < level.count
                        ? TopicTree.node(level[index], level[index + 1]) : level[index]
                })
        }
        self.levels = levels
    }

    /// 32 bytes.
    public var root: [UInt8] { TopicTree.root(count: levels[0].count, top: levels.last?.first ?? []) }

    /// What a holder of these topics' marks lacks to compute the root: level by level from the leaves up, from left to
    /// right, each node whose sibling it can compute and which it can't.
    /// - topics: numbers, from 1 up to the count of the tree; others are left out.
    public func proof(of topics: Set<UInt32>) -> [[UInt8]] {
        var proof: [[UInt8]] = []
        var known = Set(topics.filter { $0 >= 1 && $0 <= levels[0].count }.map { Int($0) - 1 })
        for level in levels.dropLast() {
            for index in known.sorted() {
                let sibling = index ^ 1
                if sibling < level.count, !known.contains(sibling) { proof.append(level[sibling]) }
            }
            known = Set(known.map { $0 / 2 })
        }
        return proof
    }

    /// The root of a tree of which some marks are known; nil where the proof does not fit.
    /// - marks: by topic number, at least one.
    public static func root(count: UInt32, marks: [UInt32: TopicMark], proof: [[UInt8]]) -> [UInt8]? {
        guard !marks.isEmpty, marks.keys.allSatisfy({ $0 >= 1 && $0 <= count }) else { return nil }
        var known: [Int: [UInt8]] = [:]
        for (number, mark) in marks { known[Int(number) - 1] = leaf(number, mark) }
        var rest = proof[...]
        var width = Int(count)
        while width > 1 {
            var above: [Int: [UInt8]] = [:]
            for index in known.keys.sorted() where above[index / 2] == nil {
                guard let own = known[index] else { return nil }
                let sibling = index ^ 1
                guard sibling < width else {
                    above[index / 2] = own
                    continue
                }
                guard let other = known[sibling] ?? rest.popFirst() else { return nil }
                above[index / 2] = index & 1 == 0 ? node(own, other) : node(other, own)
            }
            known = above
            width = (width + 1) / 2
        }
        guard rest.isEmpty, let top = known[0] else { return nil }
        return root(count: Int(count), top: top)
    }

    private static func leaf(_ number: UInt32, _ mark: TopicMark) -> [UInt8] {
        blake2b { message in
            message.put(0 as UInt8)
            message.put(number)
            message.put(mark.sequence)
            message.put(mark.chain)
        }
    }

    private static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        blake2b { message in
            message.put(1 as UInt8)
            message.put(left)
            message.put(right)
        }
    }

    /// With the count in it: a tree of another size can't have the same root.
    private static func root(count: Int, top: [UInt8]) -> [UInt8] {
        blake2b { message in
            message.put(2 as UInt8)
            message.put(UInt32(clamping: count))
            message.put(top)
        }
    }
}
