/// A post's signature under an alert, or under a run of alerts that it signed at once (PROTOCOL.md, "Signature").
///
/// One Ed25519 check costs as much as everything else that the hub does for an alert together. A post that has several
/// alerts to sign therefore signs the root of a Merkle tree over them; each alert carries that signature and its own path
/// to the root, and so still proves by itself, to anyone, who said it.
public enum Seal {
    /// Alerts in a run that is accepted, at most.
    public static let longestRun = 16
    /// Alerts in a run that is made: a longer one would save little time more and cost each alert 32 bytes on every disk.
    public static let usualRun = 8
    /// Bytes of a seal, at most: of an alert in a run of ``longestRun``.
    public static let longest = runHeader + VerifyingKey.signatureLength + 4 * digestLength
    static let digestLength = 32
    /// Index and count, a byte each.
    static let runHeader = 2
    /// What is signed: this line, the count, the root.
    static let rootPrefix = Array("borderwire run v1\n".utf8)

    /// Signs messages, each given as pieces: a single one with a plain signature, more as runs.
    /// - Returns: one seal per message, in order.
    public static func sign(_ messages: [[[UInt8]]], with key: SigningKey) -> [[UInt8]] {
        var seals: [[UInt8]] = []
        for start in stride(from: 0, to: messages.count, by: usualRun) {
            let run = Array(messages[start..<min(start + usualRun, messages.count)])
            seals += run.count == 1 ? [key.sign(all: run[0])] : signRun(run, with: key)
        }
        return seals
    }

    private static func signRun(_ run: [[[UInt8]]], with key: SigningKey) -> [[UInt8]] {
        var levels = [run.map { leaf($0) }]
        while let level = levels.last, level.count > 1 { levels.append(parents(of: level)) }
        let signature = key.sign(rootPrefix, [UInt8(run.count)], levels[levels.count - 1][0])
        return run.indices.map { index in
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

    static func leaf(_ pieces: [[UInt8]]) -> [UInt8] { blake2b([[0]] + pieces) }

    static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { blake2b([1], left, right) }

    /// A node without a sibling goes up as it is.
    private static func parents(of level: [[UInt8]]) -> [[UInt8]] {
        stride(from: 0, to: level.count, by: 2).map { index in
            index + 1 < level.count ? node(level[index], level[index + 1]) : level[index]
        }
    }

    /// The root that a run's seal leads to, and the signature over it; nil for what is no such seal.
    static func root(_ seal: [UInt8], over pieces: [[UInt8]]) -> (root: [UInt8], signature: [UInt8])? {
        let start = runHeader + VerifyingKey.signatureLength
        guard seal.count >= start, (2...longestRun).contains(Int(seal[1])), seal[0] < seal[1] else {
            return nil
        }
        var place = Int(seal[0])
        var width = Int(seal[1])
        var digest = leaf(pieces)
        var next = start
        while width > 1 {
            if place ^ 1 < width {
                guard seal.count >= next + digestLength else { return nil }
                let sibling = Array(seal[next..<next + digestLength])
                next += digestLength
                digest = place & 1 == 0 ? node(digest, sibling) : node(sibling, digest)
            }
            place /= 2
            width = (width + 1) / 2
        }
        guard next == seal.count else { return nil }
        return (digest, Array(seal[runHeader..<start]))
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
    }

    /// The signature that was found good, per run.
    private var good: [Run: [UInt8]] = [:]

    public init() {}

    /// Whether the owner of the key sealed exactly these pieces, joined.
    public mutating func check(_ seal: [UInt8], over pieces: [UInt8]..., by key: VerifyingKey) -> Bool {
        check(seal, overAll: pieces, by: key)
    }

    mutating func check(_ seal: [UInt8], overAll pieces: [[UInt8]], by key: VerifyingKey) -> Bool {
        if seal.count == VerifyingKey.signatureLength { return key.verify(signature: seal, overAll: pieces) }
        guard let (root, signature) = Seal.root(seal, over: pieces) else { return false }
        let run = Run(root: root, count: seal[1], key: key)
        if good[run] == signature { return true }
        guard key.verify(signature: signature, over: Seal.rootPrefix, [seal[1]], root) else { return false }
        if good.count >= SealChecker.mostRuns { good = [:] }
        good[run] = signature
        return true
    }
}
