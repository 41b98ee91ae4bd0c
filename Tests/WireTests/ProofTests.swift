import AlertStore
import Alerts
import Foundation
import Identity
import Testing
import Wire

@testable import AlertHub

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
                try bytes(one.seal), over: signedPrefix, try bytes(one.header), Array(one.payload.utf8),
                by: key)
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
                    queued: Timestamp(milliseconds: 1_764_028_800_123)
                ).encoded()
                return [signedPrefix, header, Array(#"{"number":\#(number)}"#.utf8)]
            }
            let seals = Seal.sign(messages, with: key)
            let what = count == 1 ? "an alert signed alone" : "number \(count - 1) of a run of \(count)"
            let one = try #require(golden.cases.first { $0.what == what })
            #expect(seals.last == (try bytes(one.seal)), "\(what)")
            #expect(seals.allSatisfy { $0.count <= WireLimits.seal })
        }
    }

    @Test("the hash chain of the golden log is the one that the hub makes")
    func chain() throws {
        struct Log: Decodable {
            var records: [One]

            struct One: Decodable {
                var offset: UInt64
                var received: Int64
                var deliveries: [[UInt64]]
                var header: String
                var payload: String
                var seal: String
                var hash: String
            }
        }
        let golden = try goldenDecoder().decode(Log.self, from: try goldenFile("chain"))
        #expect(golden.records.count >= 3)
        var previous = [UInt8](repeating: 0, count: 32)
        for one in golden.records {
            let header = try bytes(one.header)
            let parsed = try PostHeader(decoding: header)
            let record = Record(
                offset: one.offset, post: parsed.post, epoch: parsed.epoch, sequence: parsed.sequence,
                received: Timestamp(milliseconds: one.received), alert: [], references: [],
                deliveries: try one.deliveries.map {
                    Record.Delivery(topic: try #require(UInt32(exactly: $0[0])), sequence: $0[1])
                },
                header: header, payload: Array(one.payload.utf8), signature: try bytes(one.seal), hash: [])
            previous = chainHash(after: previous, record)
            #expect(previous.hex == one.hash, "offset \(one.offset)")
        }
    }

    private func bytes(_ hex: String) throws -> [UInt8] { try #require([UInt8](hex: hex)) }
}
