import Alerts
import AlertStore
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

@Suite("Ids and authors")
struct IDTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong", "prey-veng"))
    let other = Actor("prey-veng", publish: Reference.grant("all"))

    private func hub() throws -> Hub {
        var hub = try Hub([post, other])
        for (index, actor) in [post, other].enumerated() {
            _ = hub.ask(
                .hello(Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 1_000)),
                as: actor,
                from: [UInt8(index)])
        }
        return hub
    }

    /// What the hub says of the alerts of the last commit.
    private func answer(_ hub: inout Hub) throws -> Reply.Acknowledged {
        for case .acknowledged(let answer) in replies(try hub.commit()) { return answer }
        throw Silence()
    }
    private struct Silence: Error {}

    /// Where the first alert is when the second comes.
    enum Place: CaseIterable {
        case sameBatch, underWay, newest, indexed, beforeRestart
    }

    /// A hub that has alert 1 of the post, with `place` being where.
    private func hub(with place: Place, _ first: PostedAlert) throws -> Hub {
        var hub = try hub()
        hub.ingest(first, from: post)
        switch place {
        case .sameBatch: return hub
        case .underWay:
            let batch = hub.core.closeBatch()
            try hub.store.commit(try #require(batch))
            return hub
        case .newest: _ = try hub.commit()
        case .indexed:
            // More than are kept in memory here.
            for sequence in UInt64(2)...9 { hub.ingest(other.alert(sequence - 1), from: other) }
            _ = try hub.commit()
        case .beforeRestart:
            _ = try hub.commit()
            hub = try Hub([post, other], log: hub.log)
            _ = hub.ask(
                .hello(Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 1_000)), as: post
            )
        }
        return hub
    }

    private func settle(_ hub: inout Hub, _ place: Place) throws -> [Reply] {
        if place == .underWay { hub.core.committed(at: hub.now) }
        return replies(try hub.commit())
    }

    private func last(_ replies: [Reply]) throws -> Reply.Acknowledged {
        for case .acknowledged(let answer) in replies.reversed() { return answer }
        throw Silence()
    }

    @Test(
        "the same alert under another sequence is stored once, and answered with its first offset",
        arguments: Place.allCases)
    func repetition(_ place: Place) throws {
        let first = post.alert(1)
        var hub = try hub(with: place, first)
        let before = try hub.records().count
        hub.ingest(post.sign(first.payload, 2, epoch: 7, topic: first.topic), from: post)
        let answer = try last(try settle(&hub, place))
        #expect(answer.through == 2)
        #expect(answer.refused.isEmpty)
        #expect(answer.stored.last == [2, 1, 1])
        #expect(answer.sums?.last == sampleSum(1...1))
        #expect(try hub.records().count == max(before, 1))
    }

    @Test("what was answered as a repetition is told again, after a restart too, and verified by its sum")
    func repetitionToldAgain() throws {
        let first = post.alert(1)
        var hub = try hub(with: .newest, first)
        let again = post.sign(first.payload, 2, epoch: 7, topic: first.topic)
        hub.ingest(again, from: post)
        _ = try hub.commit()
        hub = try Hub([post, other], log: hub.log)
        _ = hub.ask(
            .hello(Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 9)), as: post)
        let asked = hub.ask(
            .outcomes(Request.Outcomes(request: 3, epoch: HexNumber(7), from: 1, through: 2)), as: post)
        guard case .acknowledged(let answer) = try hub.reply(asked) else {
            Issue.record("not answered")
            return
        }
        #expect(answer.stored == [[1, 1, 1], [2, 1, 1]])
        #expect(answer.sums == [sampleSum(1...1), sampleSum(1...1)])
        #expect(answer.refused.isEmpty)
        // A resend of the repetition is one too.
        hub.ingest(again, from: post)
        guard case .acknowledged(let resent) = try hub.reply(hub.answers()) else {
            Issue.record("not answered")
            return
        }
        #expect(resent.stored == [[2, 1, 1]])
    }

    @Test("an id with another content, or of another post, is refused", arguments: Place.allCases)
    func taken(_ place: Place) throws {
        var hub = try hub(with: place, post.alert(1))
        let before = try hub.records().count
        hub.ingest(post.alert(2, number: 1, headline: "Another headline"), from: post)
        let answer = try last(try settle(&hub, place))
        #expect(answer.refused.map(\.code) == [.id])
        #expect(answer.refused.map(\.reason) == ["id: the alert at offset 1 has it, with another content"])
        #expect(try hub.records().count == max(before, 1))
        hub.ingest(other.alert(100, epoch: 8, number: 1), from: other)
        hub.ingest(other.alert(1, epoch: 8, number: 1), from: other)
        _ = try hub.commit()
        let refusal = try #require(try hub.reader.refusals(limit: 1).first)
        #expect(refusal.code == "id")
        #expect(refusal.post == "prey-veng")
        #expect(!refusal.reason.contains("koh-kong"))
    }

    @Test("only the author updates or cancels an alert", arguments: Place.allCases)
    func author(_ place: Place) throws {
        var hub = try hub(with: place, post.alert(1))
        hub.ingest(other.alert(1, epoch: 8, number: 50, references: [1]), from: other)
        hub.ingest(post.alert(2, references: [1]), from: post)
        _ = try settle(&hub, place)
        _ = try hub.commit()
        #expect(try hub.reader.refusals(limit: 1).map(\.code) == ["reference"])
        #expect(
            try hub.reader.refusals(limit: 1).map(\.reason) == [
                "references[0]: of another post; only its author may update or cancel an alert"
            ])
        #expect(try hub.records().filter { !$0.references.isEmpty }.map(\.post) == ["koh-kong"])
    }

    @Test("an alert may concern any province beside its origin, unless the registry restricts which")
    func addressed() throws {
        var limited = post
        limited.address = Reference.grant("trat", "pursat/movement")
        var hub = try Hub([limited])
        hub.ingest(post.alert(1, provinces: ["KH-9", "TH-23", "KH-14"]), from: post)
        hub.ingest(post.alert(2, provinces: ["KH-9", "VN-37"]), from: post)
        hub.ingest(post.alert(3, provinces: ["KH-9", "KH-15"]), from: post)
        hub.ingest(post.alert(4, provinces: ["KH-9", "KH-15"], kind: .movement), from: post)
        hub.core.follow(Registry([post.registered]))
        hub.ingest(post.alert(5, provinces: ["KH-9", "VN-37"]), from: post)
        _ = try hub.commit()
        #expect(try hub.records().map(\.sequence) == [1, 4, 5])
        #expect(
            try hub.reader.refusals(limit: 9).map(\.reason).reversed() == [
                "provinces[1]: koh-kong may not address suspect alerts to tay-ninh",
                "provinces[1]: koh-kong may not address suspect alerts to pursat",
            ])
    }

    @Test("a reference to what the hub has not, or has refused, is refused")
    func unknownReference() throws {
        var hub = try hub()
        hub.ingest(post.alert(1, sender: "somebody-else"), from: post)
        hub.ingest(post.alert(2, references: [1]), from: post)
        hub.ingest(post.alert(3), from: post)
        hub.ingest(post.alert(4, references: [3, 77]), from: post)
        let answer = try answer(&hub)
        #expect(answer.stored == [[3, 1, 1]])
        #expect(answer.refused.map(\.code) == [.sender, .reference, .reference])
        #expect(answer.refused.map(\.reason).last == "references[1]: the hub has no alert of this id")
    }

    @Test("an alert whose commit failed leaves its id free, and its references unknown")
    func rolledBack() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        _ = hub.core.closeBatch()
        hub.ingest(post.alert(2), from: post)
        hub.core.rolledBack(at: hub.now)
        _ = hub.answers()
        hub.ingest(post.alert(1, number: 9), from: post)
        hub.ingest(post.alert(2, references: [1]), from: post)
        hub.ingest(post.alert(3, number: 1), from: post)
        let answer = try answer(&hub)
        #expect(answer.stored == [[1, 1, 1], [3, 2, 1]])
        #expect(answer.refused.map(\.code) == [.reference])
    }

    @Test("the same content is known when it was erased, and another is too")
    func erased() throws {
        let first = post.alert(1)
        var record = Record(
            offset: 1, post: post.name, epoch: 7, sequence: 1, received: Timestamp(milliseconds: 1),
            alert: AlertID(sampleID(1))?.bytes ?? [], references: [], deliveries: [], signed: first.signed,
            hash: [])
        record.erased = record.payloadDigest
        record.signed.payload = []
        var index = UnindexedIDs()
        index.greatest = record.alert
        let ids = KnownIDs(index)
        func verdict(_ alert: PostedAlert) throws -> KnownIDs.Verdict {
            let admitted = ValidatedAlert(
                header: try PostHeader(decoding: alert.header), signed: alert.signed,
                digest: Seal.digest(of: alert.payload), id: record.alert, references: [],
                topics: [])
            return ids.judge(
                admitted, index: { (_) throws(StoreError) in KnownAlert(offset: 1, post: post.name) },
                record: { (_) throws(StoreError) in record })
        }
        #expect(
            try verdict(post.sign(first.payload, 2, epoch: 7, topic: first.topic)) == .repeated(offset: 1))
        guard case .refused = try verdict(post.alert(2, number: 1, headline: "Another")) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("the index is asked only where an id is not later than all that left memory")
    func index() throws {
        var ids = KnownIDs(kept: 2)
        func id(_ time: Int64) -> [UInt8] {
            AlertID(time: Timestamp(milliseconds: time), random: []).bytes
        }
        var asked: [[UInt8]] = []
        func isKnown(_ time: Int64) -> Bool {
            let alert = ValidatedAlert(
                header: PostHeader(
                    post: "koh-kong", epoch: 1, sequence: 1, queued: Timestamp(milliseconds: 1),
                    facts: facts(of: [])),
                signed: SignedAlert(header: [], payload: [], signature: []), digest: [], id: id(time),
                references: [],
                topics: [])
            return ids.judge(
                alert,
                index: { (id) throws(StoreError) in
                    asked.append(id)
                    return nil
                }, record: { (_) throws(StoreError) in nil }) != .new
        }
        for offset in UInt64(1)...5 {
            ids.add(id(Int64(offset) * 10), KnownAlert(offset: offset, post: "koh-kong"))
        }
        #expect(isKnown(50) && isKnown(40))
        #expect(!isKnown(31))
        #expect(!isKnown(1_000))
        #expect(asked.isEmpty)
        #expect(!isKnown(30))
        #expect(asked == [id(30)])
    }

    @Test("a log that can't be read decides nothing: the post is to send the alert again")
    func unreadable() throws {
        var hub = try hub()
        for sequence in UInt64(1)...9 { hub.ingest(post.alert(sequence), from: post) }
        _ = try hub.commit()
        let broken = BrokenReader()
        let alert = post.alert(10, number: 1)
        let error = hub.core.ingested(alert.frames, excess: 0, user: post.user, at: hub.now, log: broken)
        #expect(error?.cause == .locked)
        #expect(
            replies(hub.answers()) == [
                .resume(Reply.Resume(epoch: HexNumber(7), from: 10, wait: HubCore.waitAfterFailure))
            ])
        #expect(hub.core.closeBatch() == nil)
        hub.ingest(post.alert(10), from: post)
        #expect(try answer(&hub).stored == [[10, 10, 1]])
    }
}

/// A log that another program has locked.
private final class BrokenReader: AlertReader {
    private let error = StoreError(operation: "read", path: "memory", cause: .locked, detail: "locked")

    func head() throws(StoreError) -> UInt64 { throw error }
    func page(after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int) throws(StoreError) -> Page {
        throw error
    }
    func heads(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: UInt64] { throw error }
    func marks(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: TopicMark] {
        throw error
    }
    func bytes(after offset: UInt64) throws(StoreError) -> [String: Int64] { throw error }
    func offset(before moment: Timestamp) throws(StoreError) -> UInt64 { throw error }
    func record(at offset: UInt64) throws(StoreError) -> Record? { throw error }
    func thread(of alert: [UInt8]) throws(StoreError) -> AlertThread { throw error }
    func known(_ alert: [UInt8]) throws(StoreError) -> KnownAlert? { throw error }
    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        throw error
    }
    func alerts(with identifiers: [Identifier], limit: Int) throws(StoreError) -> IdentifierMatches {
        throw error
    }
    func unindexedIDs() throws(StoreError) -> UnindexedIDs { throw error }
    func outcomes(post: String, epoch: UInt64, sequences: ClosedRange<UInt64>) throws(StoreError) -> [Outcome]
    {
        throw error
    }
    func refusals(limit: Int) throws(StoreError) -> [Refusal] { throw error }
    func counts() throws(StoreError) -> Counts { throw error }
    func receipts() throws(StoreError) -> [Receipt] { throw error }
    func duty() throws(StoreError) -> [DutyChange] { throw error }
    func progress(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertProgress] { throw error }
    func outlines(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertOutline] { throw error }
    func escalations(limit: Int) throws(StoreError) -> [EscalationRow] { throw error }
    func outages(after moment: Timestamp) throws(StoreError) -> [Outage] { throw error }
    func close() throws(StoreError) {}
}
