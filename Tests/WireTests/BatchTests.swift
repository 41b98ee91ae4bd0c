import Alerts
import Foundation
import Testing
import Zstandard

@testable import Wire

@Suite("Batches on ingest")
struct BatchTests {
    private static let topics = ["koh-kong", "prey-veng"].map {
        Topic(country: "kh", province: $0, kind: .movement)
    }

    private func alert(_ number: Int, size: Int = 300) -> (topic: Topic, signed: SignedAlert) {
        let payload = #"{"headline":{"en":"Invented: number \#(number)"},"kind":"movement"}"#
        return (
            BatchTests.topics[number % 2],
            SignedAlert(
                header: Array("header \(number)".utf8),
                payload: Array((payload + String(repeating: "x", count: max(0, size - payload.count))).utf8),
                signature: (0..<66).map { UInt8(truncatingIfNeeded: $0 &* number) })
        )
    }

    private func batch(_ alerts: [(topic: Topic, signed: SignedAlert)]) -> IngestBatch {
        var batch = IngestBatch()
        let taken = alerts.count { batch.add($0.topic, $0.signed) }
        #expect(taken == alerts.count)
        return batch
    }

    @Test(
        "a batch gives its alerts back as they would come alone, in their order",
        arguments: IngestBatch.Coding.allCases)
    func roundTrip(coding: IngestBatch.Coding) throws {
        for count in [1, 2, 64] {
            let alerts = (1...count).map { alert($0) }
            let frames = try #require(batch(alerts).frames(coding))
            #expect(IngestBatch.isBatch(frames))
            #expect(Topic(bytes: frames[0]) == alerts[0].topic)
            #expect(
                try IngestBatch.messages(in: frames)
                    == alerts.map { IngestMessage.frames(topic: $0.topic, $0.signed) })
        }
    }

    @Test("a batch has an end in alerts and in bytes, and says when it is reached")
    func bounds() {
        var many = batch((1...64).map { alert($0) })
        let last = alert(65)
        let isTaken = many.add(last.topic, last.signed)
        #expect(!isTaken && many.count == 64)
        var large = IngestBatch()
        let taken = [65_536, 20_000, 1_000].enumerated().map { number, size in
            large.add(alert(number).topic, alert(number, size: size).signed)
        }
        #expect(taken == [true, false, true])
        #expect(IngestBatch().frames(.plain) == nil)
    }

    @Test("a post's alert is never taken for a batch, nor a batch for an alert")
    func apart() throws {
        let one = alert(1)
        #expect(!IngestBatch.isBatch(IngestMessage.frames(topic: one.topic, one.signed)))
        let frames = try #require(batch([one]).frames(.plain))
        #expect(throws: Malformed.self) { try IngestMessage(frames: frames) }
    }

    /// Each makes a good batch of two into one that is none.
    static let breaks: [(String, @Sendable (inout [[UInt8]]) -> Void)] = [
        ("a coding that nobody knows", { $0[1][4] = 2 }),
        ("another version", { $0[1][2] = 9 }),
        ("a header that goes on", { $0[1].append(0) }),
        ("a body that is cut", { $0[2].removeLast() }),
        ("a body that goes on", { $0[2].append(1) }),
        ("no alert", { $0[2] = [] }),
        ("a frame too many", { $0.append([]) }),
        ("a plain body that is said to be compressed", { $0[1][4] = 1 }),
        ("more alerts than there may be", { frames in frames[2] = (0..<33).flatMap { _ in frames[2] } }),
    ]

    @Test("a batch that is not what it says is refused whole", arguments: breaks.indices)
    func refused(index: Int) throws {
        var frames = try #require(batch([alert(1, size: 100), alert(2, size: 100)]).frames(.plain))
        BatchTests.breaks[index].1(&frames)
        #expect(throws: Malformed.self, "\(BatchTests.breaks[index].0)") {
            try IngestBatch.messages(in: frames)
        }
    }

    @Test("what unpacks to more than a batch may hold is refused before it takes the memory")
    func bomb() throws {
        var frames = try #require(batch([alert(1)]).frames(.zstd))
        let bomb = try #require(
            Zstandard.compress([UInt8](repeating: 0, count: 50_000_000), dictionary: IngestBatch.dictionary))
        #expect(bomb.count < WireLimits.requestFrame)
        frames[2] = bomb
        #expect(throws: Malformed.self) { try IngestBatch.messages(in: frames) }
        // Its frame says nothing of its size.
        #expect(Zstandard.decompress(bomb, dictionary: IngestBatch.dictionary, limit: 1_000) == nil)
    }

    @Test("an alert as posts write them takes a quarter of its bytes alone, and less among others")
    func size() throws {
        let file = try #require(Bundle.module.url(forResource: "golden/payloads", withExtension: "jsonl"))
        let payloads = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            Array($0.utf8)
        }
        #expect(payloads.count == 36)
        let plain = payloads.map(\.count).reduce(0, +)
        let alone = try payloads.map {
            try #require(Zstandard.compress($0, dictionary: IngestBatch.dictionary)).count
        }.reduce(0, +)
        #expect(alone * 100 / plain <= 30, "\(alone) of \(plain)")
        let together = try #require(
            Zstandard.compress(payloads.flatMap { $0 }, dictionary: IngestBatch.dictionary)
        ).count
        #expect(together * 100 / plain <= 20, "\(together) of \(plain)")
    }

    @Test("golden batches are taken as they should, and broken ones refused with the very error")
    func golden() throws {
        for one in try Golden<[[Frame]]>("batch").cases {
            do throws(Malformed) {
                let messages = try IngestBatch.messages(in: one.bytes)
                #expect(messages == one.means?.map { $0.map(\.bytes) }, "\(one.what)")
            } catch {
                #expect("\(error.code.rawValue): \(error)" == one.error, "\(one.what)")
            }
        }
    }
}
