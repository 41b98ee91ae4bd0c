import Alerts
import Foundation
import Identity
import Notation
import Testing

@testable import Wire

@Suite("Golden frames")
struct GoldenTests {
    @Test("good ones decode, and encode to the same bytes", arguments: Form.all)
    func good(form: Form) throws {
        let cases = try Golden<Anything>(form.file).cases
        let good = cases.filter { $0.error == nil }
        #expect(good.count >= 2)
        for one in good {
            let written = try form.decodeAndEncode(one.bytes)
            if let same = one.sameAs {
                let other = try #require(cases.first { $0.what == same })
                #expect(written == other.bytes, "\(one.what)")
            } else if one.rewritten == true {
                #expect(written == Array(one.bytes.prefix(form.known)), "\(one.what)")
            } else {
                #expect(written == one.bytes, "\(one.what)")
            }
        }
    }

    @Test("broken ones are refused with the very error", arguments: Form.all)
    func broken(form: Form) throws {
        let broken = try Golden<Anything>(form.file).cases.filter { $0.error != nil }
        #expect(broken.count >= 5)
        for one in broken {
            do throws(Malformed) {
                _ = try form.decodeAndEncode(one.bytes)
                Issue.record("\(one.what): was taken")
            } catch {
                #expect("\(error.code.rawValue): \(error)" == one.error, "\(one.what)")
            }
        }
    }

    @Test("post headers say what they should")
    func postHeaders() throws {
        for one in try Golden<PostMeans>("post-header").cases {
            guard let means = one.means else { continue }
            #expect(PostMeans(try PostHeader(decoding: one.bytes[0])) == means, "\(one.what)")
        }
    }

    @Test("ingest messages say what they should")
    func ingest() throws {
        struct Means: Decodable {
            var topic: String
            var header: PostMeans
            var payload: String
        }
        for one in try Golden<Means>("ingest").cases {
            guard let means = one.means else { continue }
            let message = try IngestMessage(frames: one.bytes)
            #expect(message.topic.name == means.topic, "\(one.what)")
            #expect(PostMeans(message.header) == means.header, "\(one.what)")
            #expect(message.signed.payload == Array(means.payload.utf8), "\(one.what)")
            #expect(
                message.signed.header == one.bytes[1] && message.signed.signature == one.bytes[3],
                "\(one.what)")
        }
    }

    @Test("deliveries say what they should")
    func deliveries() throws {
        struct Means: Decodable {
            var log: HexNumber
            var topicNumber: UInt32
            var firstSequence: UInt64
            var heads: [[UInt64]]
            var alerts: [One]

            struct One: Decodable {
                var offset: UInt64
                var received: Int64
                var others: [[UInt64]]
                var header: String
                var payload: String
                var seal: String
            }
        }
        for one in try Golden<Means>("delivery").cases {
            guard let means = one.means else { continue }
            let expected = Delivery(
                log: means.log.value, topicNumber: means.topicNumber, firstSequence: means.firstSequence,
                heads: Heads(try entries(means.heads)),
                alerts: try means.alerts.map {
                    Delivery.Item(
                        offset: $0.offset, received: Timestamp(milliseconds: $0.received),
                        others: try entries($0.others),
                        signed: SignedAlert(
                            header: try #require([UInt8](hex: $0.header)), payload: Array($0.payload.utf8),
                            signature: try #require([UInt8](hex: $0.seal))))
                })
            let topic = try #require(Topic(String(decoding: one.bytes[0], as: UTF8.self)))
            #expect(
                try FeedMessage(frames: one.bytes) == .delivery(topic: topic, expected), "\(one.what)")
        }
    }

    @Test("heartbeats say what they should")
    func heartbeats() throws {
        struct Means: Decodable {
            var log: HexNumber
            var offset: UInt64
            var sent: Int64
            var heads: [[UInt64]]
            var checkpoint: SignedCheckpoint?
        }
        for one in try Golden<Means>("heartbeat").cases {
            guard let means = one.means else { continue }
            var expected = Heartbeat(
                log: means.log.value, offset: means.offset, sent: Timestamp(milliseconds: means.sent),
                heads: Heads(try entries(means.heads)))
            expected.checkpoint = means.checkpoint
            #expect(try FeedMessage(frames: one.bytes) == .heartbeat(expected), "\(one.what)")
            // The key is that of 32 bytes 07 as a seed; PyNaCl made the signature.
            guard let signed = expected.checkpoint, let key = SigningKey(seed: Array(repeating: 7, count: 32))
            else { continue }
            #expect(
                key.verifyingKey.verify(
                    signature: signed.signature, over: Checkpoint.signedPrefix, signed.checkpoint.encoded()))
        }
    }

    @Test("pages hold the records that they should")
    func pages() throws {
        struct Means: Decodable {
            var offset: UInt64
            var received: Int64
            var deliveries: [[UInt64]]
            var header: String
            var payload: String
            var erased: String?
            var seal: String
        }
        for one in try Golden<[Means]>("page").cases {
            guard let means = one.means else { continue }
            let expected = try means.map {
                PageRecord(
                    offset: $0.offset, received: Timestamp(milliseconds: $0.received),
                    deliveries: try entries($0.deliveries),
                    signed: SignedAlert(
                        header: Array($0.header.utf8), payload: Array($0.payload.utf8),
                        signature: Array($0.seal.utf8)), erased: $0.erased.flatMap { [UInt8](hex: $0) })
            }
            #expect(try PageRecord.decode(one.bytes[0]) == expected, "\(one.what)")
        }
    }
}

private struct PostMeans: Decodable, Equatable {
    var post: String
    var epoch: HexNumber
    var sequence: UInt64
    var queued: Int64
    var expires: Int64
    var kind: UInt8
    var messageType: UInt8
    var status: UInt8
    var id: String
    var references: [String]
    var additions: String

    init(_ header: PostHeader) {
        post = header.post
        epoch = HexNumber(header.epoch)
        sequence = header.sequence
        queued = header.queued.milliseconds
        expires = header.facts.expires.milliseconds
        kind = header.facts.kind
        messageType = header.facts.messageType
        status = header.facts.status
        id = header.facts.id.hex
        references = header.facts.references.map(\.hex)
        let resolution: [UInt8] = header.facts.resolution.map { [1, 1, $0] } ?? []
        additions = (resolution + header.additions).hex
    }
}

private func entries(_ pairs: [[UInt64]]) throws -> [Heads.Entry] {
    try pairs.map { pair in
        Heads.Entry(topic: try #require(UInt32(exactly: pair[0])), sequence: pair[1])
    }
}
