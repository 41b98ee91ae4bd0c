import Alerts
import AlertStore
import Foundation
import MemoryStore
import Testing
import Wire

@testable import AlertHub

@Suite("Ingest")
struct IngestTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))

    private func greeted(_ hub: inout Hub, epoch: UInt64 = 7, last: UInt64 = 1_000) -> [Action] {
        hub.ask(
            .hello(Request.Hello(request: 1, program: "test", epoch: HexNumber(epoch), last: last)), as: post,
            from: [9])
    }

    @Test("alerts are stored in the post's order and acknowledged as one run, after the commit")
    func order() throws {
        var hub = try Hub([post])
        _ = greeted(&hub)
        for sequence in UInt64(1)...3 { hub.ingest(post.alert(sequence), from: post) }
        #expect(hub.answers().isEmpty, "nothing is said before the commit")
        let replies = replies(try hub.commit())
        #expect(
            replies == [
                .acknowledged(
                    Reply.Acknowledged(
                        epoch: HexNumber(7), through: 3, stored: [[1, 1, 3]], sums: [sampleSum(1...3)]))
            ])
        #expect(try hub.records().map(\.sequence) == [1, 2, 3])
    }

    @Test("a gap is answered with resume once a second, and what comes behind it is ignored")
    func gap() throws {
        var hub = try Hub([post])
        _ = greeted(&hub)
        hub.ingest(post.alert(1), from: post)
        hub.ingest(post.alert(3), from: post)
        hub.ingest(post.alert(4), from: post)
        let resume = Reply.resume(Reply.Resume(epoch: HexNumber(7), from: 2))
        #expect(replies(hub.answers()) == [resume])
        _ = try hub.commit()
        hub.now.milliseconds += 999
        hub.ingest(post.alert(5), from: post)
        #expect(hub.answers().isEmpty)
        hub.now.milliseconds += 1
        hub.ingest(post.alert(5), from: post)
        #expect(replies(hub.answers()) == [resume])
        #expect(try hub.commit().isEmpty)
        #expect(try hub.records().count == 1)
    }

    @Test("a resend is stored once and answered with the first offset", arguments: [true, false])
    func duplicate(isCommitted: Bool) throws {
        var hub = try Hub([post])
        _ = greeted(&hub)
        hub.ingest(post.alert(1), from: post)
        if isCommitted { _ = try hub.commit() }
        hub.ingest(post.alert(1), from: post)
        let read = hub.answers()
        _ = try hub.commit()
        guard case .acknowledged(let answer) = try hub.reply(read) else {
            Issue.record("\(read)")
            return
        }
        #expect(answer.stored == [[1, 1, 1]])
        #expect(try hub.records().count == 1)
    }

    @Test("a duplicate after a restart is stored once")
    func restart() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        var again = try Hub([post], log: hub.log)
        _ = greeted(&again)
        again.ingest(post.alert(1), from: post)
        again.ingest(post.alert(2), from: post)
        _ = try again.commit()
        #expect(try again.records().map(\.sequence) == [1, 2])
        #expect(try again.records().map(\.offset) == [1, 2])
    }

    @Test("another alert under a used sequence is a conflict, not a resend")
    func conflict() throws {
        var hub = try Hub([post])
        _ = greeted(&hub)
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        hub.ingest(post.alert(1, number: 99), from: post)
        guard case .refused(let refused) = try hub.reply(hub.answers()) else {
            Issue.record("not refused")
            return
        }
        #expect(refused.code == .conflict)
    }

    @Test("a refused alert is consumed with its reason and does not block the next")
    func refused() throws {
        var hub = try Hub([post])
        _ = greeted(&hub)
        hub.ingest(post.alert(1), from: post)
        hub.ingest(post.alert(2, sender: "prey-veng"), from: post)
        hub.ingest(post.alert(3), from: post)
        let actions = try hub.commit()
        guard case .acknowledged(let answer) = replies(actions).last else {
            Issue.record("\(actions)")
            return
        }
        #expect(answer.through == 3)
        #expect(answer.stored == [[1, 1, 1], [3, 2, 1]])
        #expect(answer.refused.map(\.sequence) == [2])
        #expect(answer.refused.map(\.code) == [.sender])
        #expect(notices(actions).map(\.reason) == ["sender"])
        #expect(try MemoryReader(hub.log).refusals(limit: 5).map(\.sequence) == [2])
    }

    @Test("each thing wrong with an alert has its code")
    func codes() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1, provinces: ["KH-14"]), from: post)
        var elsewhere = post.alert(2)
        elsewhere.topic = Reference.topic("KH-14", .suspect)
        hub.ingest(elsewhere, from: post)
        let topic = Reference.topic("KH-9", .suspect)
        hub.ingest(post.sign(Array("{".utf8), 3, epoch: 7, topic: topic), from: post)
        hub.ingest(
            post.sign([UInt8](repeating: 0x20, count: WireLimits.payload + 1), 4, epoch: 7, topic: topic),
            from: post)
        hub.ingest(post.sign([], 5, epoch: 7, topic: topic), from: post)
        _ = try hub.commit()
        let refusals = try MemoryReader(hub.log).refusals(limit: 10).reversed()
        #expect(refusals.map(\.code) == ["grant", "topic", "schema", "size", "signature"])
        #expect(try hub.records().isEmpty)
    }

    @Test(
        "an alert that is padded, or is not one line, is refused with the rule; single spaces and spaces in texts are not",
        arguments: ["\n", "\t", "\r\n", "  "])
    func compact(_ space: String) throws {
        var hub = try Hub([post])
        let good = String(decoding: post.alert(1).payload, as: UTF8.self)
        let topic = Reference.topic("KH-9", .suspect)
        let texts = [
            good.replacingOccurrences(of: "\":", with: "\": ").replacingOccurrences(of: ",\"", with: ", \""),
            good.replacingOccurrences(of: "Invented for", with: "Invented  \\\" {  } for")
                .replacingOccurrences(
                    of: sampleID(1), with: sampleID(2)),
            good.replacingOccurrences(of: ",\"status\"", with: ",\(space)\"status\""), good + space,
            space + good,
        ]
        for (index, text) in texts.enumerated() {
            hub.ingest(post.sign(Array(text.utf8), UInt64(index) + 1, epoch: 7, topic: topic), from: post)
        }
        _ = try hub.commit()
        #expect(try hub.records().map(\.sequence) == [1, 2])
        let refusals = try MemoryReader(hub.log).refusals(limit: 10)
        #expect(refusals.map(\.code) == ["schema", "schema", "schema"])
        #expect(refusals.allSatisfy { $0.reason.contains("one line of JSON") })
    }

    @Test("an alert of three provinces is one row with a delivery on each topic, the origin first")
    func severalTopics() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1, provinces: ["KH-9", "TH-23", "VN-37"]), from: post)
        hub.ingest(post.alert(2, provinces: ["KH-9", "VN-37"]), from: post)
        _ = try hub.commit()
        let records = try hub.records()
        #expect(records[0].deliveries.map(\.topic) == [1, 2, 3])
        #expect(records[0].deliveries.map(\.sequence) == [1, 1, 1])
        #expect(records[1].deliveries == [.init(topic: 1, sequence: 2), .init(topic: 3, sequence: 2)])
        #expect(hub.core.end.topics.map(\.province) == ["koh-kong", "trat", "tay-ninh"])
    }

    @Test("the clock set back does not make the log go back")
    func clock() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1), from: post)
        hub.now.milliseconds -= 60_000
        hub.ingest(post.alert(2), from: post)
        _ = try hub.commit()
        let times = try hub.records().map(\.received)
        #expect(times[0] == times[1])
    }

    @Test("each record's hash commits to the one before")
    func chain() throws {
        var hub = try Hub([post])
        for sequence in UInt64(1)...3 { hub.ingest(post.alert(sequence), from: post) }
        _ = try hub.commit()
        var hash = [UInt8](repeating: 0, count: 32)
        for record in try hub.records() {
            hash = record.hash(after: hash, record.body(digest: record.payloadDigest))
            #expect(record.hash == hash)
        }
        #expect(hub.core.end.hash == hash)
    }

    @Test("the batch is full at its bound")
    func bound() throws {
        var hub = try Hub([post])
        for sequence in UInt64(1)..<UInt64(Ingest.largestBatch) {
            hub.ingest(post.alert(sequence, sender: sequence.isMultiple(of: 2) ? "x" : nil), from: post)
        }
        #expect(!hub.core.isBatchFull)
        hub.ingest(post.alert(UInt64(Ingest.largestBatch)), from: post)
        #expect(hub.core.isBatchFull)
        _ = try hub.commit()
        #expect(!hub.core.isBatchFull)
    }

    @Test(
        "frames that are no alert, and a post that names another, are dropped and counted", arguments: 0..<4)
    func dropped(_ kind: Int) throws {
        var hub = try Hub([post])
        let other = Actor("prey-veng", publish: Reference.grant("prey-veng"))
        switch kind {
        case 0: hub.core.ingested([], excess: 0, user: post.user, at: hub.now, log: hub.reader)
        case 1:
            hub.core.ingested(post.alert(1).frames, excess: 1, user: post.user, at: hub.now, log: hub.reader)
        case 2: hub.ingest(other.alert(1), from: post)
        default: hub.send(other.alert(1), from: other)
        }
        let reason = ["malformed", "malformed", "identity", "revoked"][kind]
        #expect(hub.core.drops.counts == [reason: 1])
        #expect(notices(hub.answers()).map(\.reason) == [reason])
        #expect(hub.core.closeBatch() == nil)
    }

    @Test("drops of one kind are counted each and logged once per period, with how many there were")
    func drops() throws {
        var hub = try Hub([post])
        for _ in 0..<100 {
            hub.core.ingested([[1]], excess: 0, user: post.user, at: hub.now, log: hub.reader)
        }
        #expect(notices(hub.answers()).count == 1)
        hub.now.milliseconds += DropLog.period
        hub.core.ingested([[1]], excess: 0, user: post.user, at: hub.now, log: hub.reader)
        let again = notices(hub.answers())
        #expect(again.count == 1)
        #expect(again[0].message.contains("99 more"))
        #expect(hub.core.drops.counts["malformed"] == 101)
    }
}
