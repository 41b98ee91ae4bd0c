import Alerts
import Foundation
import Identity
import LogProof
import Notation
import Testing
import Wire

/// What PROTOCOL.md says of signatures and of the hash chain, against numbers that another program made.
@Suite("Golden seals and hashes")
struct ProofTests {
    private struct Seals: Decodable {
        var signingSeed: String
        var signingPublic: String
        var cases: [Case]

        struct Case: Decodable {
            var what: String
            var header: String
            var payload: String
            var seal: String
            var valid: Bool
        }
    }

    @Test("a seal is good exactly where the golden file says so")
    func seals() throws {
        let golden = try goldenDecoder().decode(Seals.self, from: try goldenFile("seal"))
        let key = try #require(VerifyingKey(bytes: try bytes(golden.signingPublic)))
        #expect(golden.cases.count(where: \.valid) >= 5)
        #expect(golden.cases.count { !$0.valid } >= 10)
        // One checker for all, as the hub has it: what it remembers must not let a broken one through.
        var checker = SealChecker()
        for one in golden.cases + golden.cases {
            let isGood = checker.check(
                try bytes(one.seal), over: try bytes(one.header),
                digest: Seal.digest(of: Array(one.payload.utf8)), by: key)
            #expect(isGood == one.valid, "\(one.what)")
        }
    }

    @Test("the golden seals are the ones that a post makes")
    func sealing() throws {
        let golden = try goldenDecoder().decode(Seals.self, from: try goldenFile("seal"))
        let key = try #require(SigningKey(seed: try bytes(golden.signingSeed)))
        for count in [1, 2, 3, 5, Seal.usualRun] {
            let messages = (1...count).map { number in
                let header = PostHeader(
                    post: "test-post", epoch: 0x1122_3344_5566_7788, sequence: UInt64(number),
                    queued: Timestamp(milliseconds: 1_764_028_800_123), facts: goldenFacts
                ).encoded()
                return (header, Seal.digest(of: Array(#"{"number":\#(number)}"#.utf8)))
            }
            let seals = Seal.sign(messages, with: key)
            let what = count == 1 ? "an alert signed alone" : "number \(count - 1) of a run of \(count)"
            let one = try #require(golden.cases.first { $0.what == what })
            #expect(seals.last == (try bytes(one.seal)), "\(what)")
            #expect(seals.allSatisfy { $0.count <= WireLimits.seal })
        }
    }

    @Test(
        "the chains of the golden log are the ones that the hub makes, and its checkpoint's root is over them"
    )
    func chain() throws {
        struct Log: Decodable {
            var topics: [String]
            var records: [One]
            var root: String
            var proofs: [Proof]

            struct Proof: Decodable {
                var topics: [UInt32]
                var nodes: [String]
            }

            struct One: Decodable {
                var offset: UInt64
                var received: Int64
                var deliveries: [[UInt64]]
                var header: String
                var payload: String
                var seal: String
                var digest: String
                var hash: String
                var chains: [String]
            }
        }
        let golden = try goldenDecoder().decode(Log.self, from: try goldenFile("chain"))
        #expect(golden.records.count >= 3)
        var hash = Chain.origin
        var marks: [UInt32: TopicMark] = [:]
        for one in golden.records {
            let digest = Seal.digest(of: Array(one.payload.utf8))
            #expect(digest.hex == one.digest, "offset \(one.offset)")
            let body = Chain.body(
                offset: one.offset, received: Timestamp(milliseconds: one.received),
                header: try bytes(one.header), digest: digest, seal: try bytes(one.seal))
            let deliveries = try one.deliveries.map { (try #require(UInt32(exactly: $0[0])), $0[1]) }
            hash = Chain.log(after: hash, body, deliveries)
            #expect(hash.hex == one.hash, "offset \(one.offset)")
            for ((number, sequence), expected) in zip(deliveries, one.chains) {
                let before = marks[number]?.chain ?? Chain.origin(of: golden.topics[Int(number) - 1])
                let mark = TopicMark(
                    sequence: sequence, chain: Chain.topic(after: before, sequence: sequence, body))
                marks[number] = mark
                #expect(mark.chain.hex == expected, "offset \(one.offset), topic \(number)")
            }
        }
        let tree = TopicTree(marks.sorted { $0.key < $1.key }.map(\.value))
        #expect(tree.root.hex == golden.root)
        #expect(golden.proofs.count >= 3)
        for proof in golden.proofs {
            #expect(tree.proof(of: Set(proof.topics)).map(\.hex) == proof.nodes)
            let known = marks.filter { proof.topics.contains($0.key) }
            let root = TopicTree.root(
                count: UInt32(marks.count), marks: known, proof: try proof.nodes.map { try bytes($0) })
            #expect(root?.hex == golden.root, "\(proof.topics)")
        }
    }

    /// What the golden post headers say of their alerts.
    private let goldenFacts = AlertFacts(
        id: Array(1...16), kind: Kind.suspect.code, messageType: MessageType.alert.code,
        status: Status.actual.code, expires: Timestamp(milliseconds: 1_764_115_200_000))

    private func bytes(_ hex: String) throws -> [UInt8] { try #require([UInt8](hex: hex)) }
}
