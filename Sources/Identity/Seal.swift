/// A post's signature under a run of alerts that it signed at once, one or more (PROTOCOL.md, "Signature").
///
/// One Ed25519 check costs as much as everything else that the hub does for an alert together. A post that has several
/// alerts to sign therefore signs the root of a Merkle tree over them; each alert carries that signature and its own path
/// to the root, and so still proves by itself, to anyone, who said it. A leaf holds the digest of a payload in its place, so
/// that it goes on to prove who said it when the content has been erased.
public enum Seal {
    /// Alerts in a run that is accepted, at most.
    public static let longestRun = 16
    /// Alerts in a run that is made: a longer one would save little time more and cost each alert 32 bytes on every disk.
    public static let usualRun = 8
    /// Bytes of a seal, at least: of an alert that was signed alone.
    public static let shortest = runHeader + VerifyingKey.signatureLength
    /// Bytes of a seal, at most: of an alert in a run of ``longestRun``.
    public static let longest = shortest + 4 * digestLength
    /// Bytes of a digest.
    public static let digestLength = 32
    /// Index and count, a byte each.
    static let runHeader = 2
    /// What is signed: this line, the count, the root.
    static let rootPrefix = Array("borderwire run v2\n".utf8)

    /// What stands for a payload in its leaf and in the log's chain: BLAKE2b, 32 bytes.
    public static func digest(of payload: [UInt8]) -> [UInt8] { blake2b(payload) }

    /// Seals messages, as runs of up to ``usualRun``.
    /// - messages: each a header and the digest of its payload.
    /// - Returns: one seal per message, in order.
    public static func sign(
        _ messages: [(header: [UInt8], digest: [UInt8])], with key: SigningKey
    ) -> [[UInt8]] {
        stride(from: 0, to: messages.count, by: usualRun).flatMap { start in
            signRun(messages[start..<min(start + usualRun, messages.count)], with: key)
        }
    }

    private static func signRun(
        _ run: ArraySlice<(header: [UInt8], digest: [UInt8])>, with key: SigningKey
    ) -> [[UInt8]] {
        var levels = [run.map { leaf($0.header, $0.digest) }]
        while let level = levels.last, level.count > 1 { levels.append(parents(of: level)) }
        let signature = key.sign(rootPrefix, [UInt8(run.count)], levels[levels.count - 1][0])
        return (0..<run.count).map { index in
            var seal = [UInt8(index), UInt8(run.count)] + signature
            var place = index
            for level in levels.dropLast() {
                let sibling = place ^ 1
                if sibling < level.count { seal += level[sibling] }
                place /= 2
            }
            return seal
        }
    }

    static func leaf(_ header: [UInt8], _ digest: [UInt8]) -> [UInt8] {
        blake2b { message in
            message.put(0 as UInt8)
            message.put(header)
            message.put(digest)
        }
    }

    static func node(_ left: Span<UInt8>, _ right: Span<UInt8>) -> [UInt8] {
        blake2b { message in
            message.put(1 as UInt8)
            message.put(left)
            message.put(right)
        }
    }

    /// A node without a sibling goes up as it is.
    private static func parents(of level: [[UInt8]]) -> [[UInt8]] {
        stride(from: 0, to: level.count, by: 2).map { index in
            let left = level[index]
            guard index + 1 < level.count else { return left }
            let right = level[index + 1]
            return node(left.span, right.span)
        }
    }

    /// The root that a seal leads to, and the signature over it; nil for what is no seal.
    static func root(
        _ seal: [UInt8], over header: [UInt8], _ payload: [UInt8]
    ) -> (root: [UInt8], signature: [UInt8])? {
        guard seal.count >= shortest, (1...longestRun).contains(Int(seal[1])), seal[0] < seal[1] else {
            return nil
        }
        var place = Int(seal[0])
        var width = Int(seal[1])
        var digest = leaf(header, payload)
        var next = shortest
        while width > 1 {
            if place ^ 1 < width {
                guard seal.count >= next + digestLength else { return nil }
                let sibling = seal.span.extracting(next..<next + digestLength)
                next += digestLength
                digest = place & 1 == 0 ? node(digest.span, sibling) : node(sibling, digest.span)
            }
            place /= 2
            width = (width + 1) / 2
        }
        guard next == seal.count else { return nil }
        return (digest, Array(seal[runHeader..<shortest]))
    }
}

/// Checks seals, and remembers the runs whose signature it has found good: the rest of a run then costs only hashes. A
/// value, bounded; used from one thread.
public struct SealChecker: Sendable {
    /// Runs remembered; beyond it all are forgotten, and each costs one more signature check.
    static let mostRuns = 256

    private struct Run: Hashable {
        var root: [UInt8]
        var count: UInt8
        var key: VerifyingKey

        /// The root alone tells runs apart; as one piece, since an array is hashed byte by byte.
        func hash(into hasher: inout Hasher) { root.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    /// The signature that was found good, per run.
    private var good: [Run: [UInt8]] = [:]

    public init() {}

    /// Whether the owner of the key sealed this header together with the payload of this digest.
    public mutating func check(
        _ seal: [UInt8], over header: [UInt8], digest: [UInt8], by key: VerifyingKey
    ) -> Bool {
        guard let (root, signature) = Seal.root(seal, over: header, digest) else { return false }
        let isAlone = seal[1] == 1
        let run = Run(root: root, count: seal[1], key: key)
        if !isAlone, good[run] == signature { return true }
        guard key.verify(signature: signature, over: Seal.rootPrefix, [seal[1]], root) else { return false }
        if isAlone { return true }
        if good.count >= SealChecker.mostRuns { good = [:] }
        good[run] = signature
        return true
    }
}
