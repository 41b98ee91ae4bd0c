internal import Alerts
internal import LogProof
internal import Wire

/// What a reader computes of a hub's log to hold it against what the hub has signed.
extension FuzzedDecoder {
    /// The first two bytes: how many topics there are, and a bit that is changed. Of each further byte of a pair the first says
    /// which topic is known, the second is of its chain. What leads from the known topics to the root is that of the whole
    /// tree, and nothing else is. With bit 7 of the first byte set all is the input's own: a count, topic numbers, nodes.
    func chainProof(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 2 else { return nil }
        return bytes[0] & 0x80 == 0 ? grownTree(bytes) : foreignTree(Array(bytes.dropFirst()))
    }

    private func grownTree(_ bytes: [UInt8]) -> String? {
        let count = UInt32(bytes[0] & 0x3F) + 1
        let all = (1...count).map { number in
            let seed = bytes[Int(number) % bytes.count]
            return TopicMark(
                sequence: UInt64(number) + UInt64(seed), chain: Array(repeating: seed, count: 32))
        }
        let tree = TopicTree(all)
        let known = Set(bytes.dropFirst(2).prefix(64).map { UInt32($0) % count + 1 })
        let proof = tree.proof(of: known)
        var marks: [UInt32: TopicMark] = [:]
        for number in known { marks[number] = all[Int(number) - 1] }
        guard known.isEmpty || TopicTree.root(count: count, marks: marks, proof: proof) == tree.root else {
            return "a proof does not lead to the root"
        }
        let answer = FuzzedDecoder.answer(count, marks, proof, root: tree.root)
        guard known.isEmpty || (try? ChainProof.marks(in: answer))?.mapValues(\.mark) == marks else {
            return "a good answer is not taken"
        }
        guard let changed = FuzzedDecoder.change(count, marks, proof, by: bytes[1]) else { return nil }
        if TopicTree.root(count: changed.count, marks: changed.marks, proof: changed.proof) == tree.root {
            return "a changed proof leads to the root"
        }
        let forged = FuzzedDecoder.answer(changed.count, changed.marks, changed.proof, root: tree.root)
        return (try? ChainProof.marks(in: forged)) == nil ? nil : "a false answer is taken"
    }

    private typealias Parts = (count: UInt32, marks: [UInt32: TopicMark], proof: [[UInt8]])

    /// - Returns: the same with one thing changed; nil where there is nothing to change.
    private static func change(
        _ count: UInt32, _ marks: [UInt32: TopicMark], _ proof: [[UInt8]], by choice: UInt8
    ) -> Parts? {
        var parts = (count: count, marks: marks, proof: proof)
        guard let number = marks.keys.min() else { return nil }
        let place = Int(choice >> 3)
        switch choice & 7 {
        case 0: parts.count += 1
        case 1: parts.marks[number]?.sequence += 1
        case 2: parts.marks[number]?.chain[place] ^= 1
        case 3: parts.proof.append(Array(repeating: choice, count: 32))
        case 4:
            guard !proof.isEmpty else { return nil }
            parts.proof.removeLast()
        case 5:
            guard proof.count > 1, proof.first != proof.last else { return nil }
            parts.proof.swapAt(0, proof.count - 1)
        default:
            guard !proof.isEmpty else { return nil }
            parts.proof[place % proof.count][place] ^= 1
        }
        return parts
    }

    /// Whatever is claimed, it ends: with no root, or with one that only these very parts have.
    private func foreignTree(_ bytes: [UInt8]) -> String? {
        var rest = bytes[...]
        func number() -> UInt32 {
            defer { rest = rest.dropFirst(4) }
            return rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        }
        let count = number()
        var marks: [UInt32: TopicMark] = [:]
        for _ in 0..<Int(rest.popFirst() ?? 0) % 8 {
            let topic = number()
            marks[topic] = TopicMark(sequence: 1, chain: Array(repeating: UInt8(topic & 0xFF), count: 32))
        }
        var proof: [[UInt8]] = []
        while rest.count >= 2 {
            proof.append(Array(repeating: rest[rest.startIndex], count: Int(rest[rest.startIndex + 1]) % 40))
            rest = rest.dropFirst(2)
        }
        guard let root = TopicTree.root(count: count, marks: marks, proof: proof) else { return nil }
        guard root.count == Checkpoint.hashLength else { return "a root is none" }
        guard !marks.isEmpty, marks.keys.allSatisfy({ (1...count).contains($0) }) else {
            return "topics that the tree has not lead to a root"
        }
        return TopicTree.root(count: count &+ 1, marks: marks, proof: proof) == root
            ? "two trees have one root" : nil
    }

    private static func answer(
        _ count: UInt32, _ marks: [UInt32: TopicMark], _ proof: [[UInt8]], root: [UInt8]
    ) -> Reply.Checkpoint {
        let checkpoint = Checkpoint(
            log: 1, offset: 1, time: Timestamp(milliseconds: 0), hash: Chain.origin, root: root)
        let signature = Array(repeating: UInt8(0), count: SignedCheckpoint.signatureLength)
        var answer = Reply.Checkpoint(
            request: 1, checkpoint: SignedCheckpoint(checkpoint, signature: signature))
        answer.topics = marks.sorted { $0.key < $1.key }.map { number, mark in
            Reply.TopicSequence(
                topic: "kh.p\(number).suspect.", number: number, sequence: mark.sequence,
                chain: HexBytes(mark.chain))
        }
        answer.count = count
        answer.proof = proof.map { HexBytes($0) }
        return answer
    }
}
