import Alerts
import AlertStore
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

@Suite("Notices of the hub's operator")
struct NoticeTests {
    let post = Actor("koh-kong", publish: Reference.grant("all"), read: Reference.grant("all"))
    let signing = SigningKey()
    static let peer: [UInt8] = [77]

    private func hub(_ actors: [Actor]? = nil, log: MemoryLog = MemoryLog(log: 1)) throws -> Hub {
        try Hub(actors ?? [post], log: log, signing: signing)
    }

    /// As the operator; the orders are carried out at once, as in the same tick.
    private func order(_ hub: inout Hub, _ request: Request, isCommitted: Bool = true) throws -> [Reply] {
        hub.core.controlled(request.frames(), from: NoticeTests.peer, user: "operator", at: hub.now)
        var random: UInt8 = UInt8(truncatingIfNeeded: try hub.reader.head())
        let error = hub.core.carryOutOrders(at: hub.now, log: hub.reader) { count in
            random &+= 1
            return Array(repeating: random, count: count)
        }
        #expect(error == nil)
        let now = hub.core.takeActions()
        let then = isCommitted ? try hub.commit() : []
        return (now + then).compactMap {
            if case .reply(NoticeTests.peer, let reply) = $0 { reply } else { nil }
        }
    }

    private func withdraw(_ numbers: UInt64..., reason: String = "Sent by mistake") -> Request {
        .withdraw(Request.Order(request: 5, alerts: numbers.map(sampleID), reason: reason))
    }

    @Test(
        "a withdrawal is a record of the hub's own, signed by it, on all topics of the alert, answered after the commit",
        arguments: [false, true])
    func withdrawal(isStaged: Bool) throws {
        var hub = try hub()
        hub.ingest(post.alert(1, provinces: ["KH-9", "KH-14"]), from: post)
        if !isStaged { _ = try hub.commit() }
        #expect(try order(&hub, withdraw(1), isCommitted: false).isEmpty)
        let replies = replies(try hub.commit())
        let first = replies.first { if case .noticed = $0 { true } else { false } }
        guard case .noticed(let done) = first else {
            Issue.record("\(replies)")
            return
        }
        #expect(done.request == 5)
        #expect(done.offset == 2)
        let records = try hub.records()
        let (alert, record) = (records[0], records[1])
        let header = try PostHeader(decoding: record.signed.header)
        let target = try PostHeader(decoding: alert.signed.header).facts
        #expect(header.post == "hub")
        #expect(header.sequence == 1)
        #expect(header.facts.messageType == NoticeCode.withdrawal)
        #expect(header.facts.references == [alert.alert])
        #expect(record.references == [alert.alert])
        #expect(header.facts.expires == target.expires)
        #expect(header.facts.kind == target.kind)
        #expect(header.facts.status == target.status)
        #expect(record.deliveries.map(\.topic) == alert.deliveries.map(\.topic))
        var seals = SealChecker()
        let isSealed = seals.check(
            record.signed.signature, over: record.signed.header, digest: record.payloadDigest,
            by: signing.verifyingKey)
        #expect(isSealed)
        let notice = try #require(HubNotice(decoding: record.signed.payload))
        #expect(notice.action == .withdrawal)
        #expect(notice.reason.en == "Sent by mistake")
        #expect(notice.id.bytes == header.facts.id)
        #expect(notice.references.map(\.bytes) == header.facts.references)
    }

    @Test("the hub's sequences are dense in one epoch, after a restart too")
    func epoch() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        _ = try order(&hub, withdraw(1))
        hub = try self.hub(log: hub.log)
        _ = try order(&hub, withdraw(1))
        let headers = try hub.records().filter { $0.post == "hub" }.map {
            try PostHeader(decoding: $0.signed.header)
        }
        #expect(headers.map(\.sequence) == [1, 2])
        #expect(Set(headers.map(\.epoch)).count == 1)
        #expect(headers[0].epoch > 0)
    }

    @Test("what can't be withdrawn is refused with the reason, and nothing is stored")
    func refused() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        hub.ingest(post.alert(2, kind: .movement), from: post)
        _ = try hub.commit()
        func refusal(_ request: Request) throws -> String {
            guard case .refused(let refused) = try order(&hub, request).first else { return "not refused" }
            return "\(refused.code): \(refused.reason)"
        }
        #expect(try refusal(withdraw(9)) == "reference: alerts[0]: the hub has no alert of this id")
        #expect(try refusal(withdraw(1, 2)).hasPrefix("reference: alerts[1]: of another kind"))
        #expect(try refusal(withdraw(1, 1)).hasPrefix("malformed"))
        #expect(try refusal(withdraw()).hasPrefix("malformed"))
        #expect(try refusal(withdraw(1, reason: "")).hasPrefix("schema: reason"))
        #expect(try refusal(withdraw(1, reason: "call 012 345 678")).hasPrefix("schema: reason"))
        #expect(try refusal(withdraw(1, reason: "\u{1B}[2Jnothing")).hasPrefix("schema: reason"))
        #expect(try hub.records().count == 2)
        _ = try order(&hub, withdraw(1))
        let notice = try #require(try hub.records().last.flatMap { AlertID(bytes: $0.alert) })
        #expect(
            try refusal(
                .erase(Request.Order(request: 5, alerts: [notice.description], reason: "Order of the court")))
                == "reference: alerts[0]: a notice of the hub itself stands as it is")
    }

    @Test("nobody but the hub's own key is heard in this")
    func stranger() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        for request in [
            withdraw(1), .compromised(Request.Compromised(request: 5, identity: "koh-kong", since: 0)),
        ] {
            guard case .refused(let refused) = replies(hub.ask(request, as: post)).first else {
                Issue.record("not refused")
                return
            }
            #expect(refused.code == .grant)
        }
        #expect(hub.core.orders.isEmpty)
    }

    @Test("an identity of the hub's own name is not heard, and no notice is made beside it")
    func name() throws {
        let twin = Actor("hub", publish: Reference.grant("all"))
        var hub = try hub([post, twin])
        hub.ingest(post.alert(1), from: post)
        hub.ingest(twin.alert(1), from: twin)
        _ = try hub.commit()
        #expect(try hub.records().count == 1)
        guard case .refused(let refused) = try order(&hub, withdraw(1)).first else {
            Issue.record("not refused")
            return
        }
        #expect(refused.code == .inUse)
    }

    @Test("a commit that fails is told, and the next notice has the same number")
    func rolledBack() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        #expect(try order(&hub, withdraw(1), isCommitted: false).isEmpty)
        _ = hub.core.closeBatch()
        hub.core.rolledBack(at: hub.now)
        guard case .refused(let refused) = replies(hub.answers()).last else {
            Issue.record("not refused")
            return
        }
        #expect(refused.code == .unavailable)
        guard case .noticed = try order(&hub, withdraw(1)).last else {
            Issue.record("not answered")
            return
        }
        let last = try #require(try hub.records().last)
        #expect(last.offset == 2)
        #expect(last.sequence == 1)
    }

    @Test("no post updates or cancels a notice, nor takes its id")
    func untouched() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        _ = try order(&hub, withdraw(1))
        let notice = try #require(try hub.records().last.flatMap { AlertID(bytes: $0.alert) })
        var text = String(
            decoding: samplePayload(
                3, sender: "koh-kong", provinces: ["KH-9"], kind: .suspect, references: [1]), as: UTF8.self)
        text.replace("[\"\(sampleID(1))\"]", with: "[\"\(notice)\"]")
        let alert = post.sign(Array(text.utf8), 2, epoch: 7, topic: Reference.topic("KH-9", .suspect))
        hub.ingest(alert, from: post)
        _ = try hub.commit()
        #expect(try hub.records().count == 2)
        #expect(try hub.reader.refusals(limit: 1).first?.code == "reference")
    }

    @Test(
        "what a post sent since a moment is told with what is withdrawn of it, and not while some is being committed"
    )
    func compromised() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        let since = hub.now.milliseconds + 1
        hub.now.milliseconds += 1_000
        hub.ingest(post.alert(2), from: post)
        let ask = Request.compromised(Request.Compromised(request: 6, identity: "koh-kong", since: since))
        guard case .refused(let refused) = try order(&hub, ask, isCommitted: false).first else {
            Issue.record("not refused")
            return
        }
        #expect(refused.code == .busy)
        hub.ingest(post.alert(3), from: post)
        _ = try hub.commit()
        _ = try order(&hub, withdraw(3))
        hub.core.controlled(ask.frames(), from: NoticeTests.peer, user: "operator", at: hub.now)
        guard case .compromised(let page) = try hub.reply(hub.core.takeActions()) else {
            Issue.record("not answered")
            return
        }
        #expect(page.alerts.map(\.id) == [sampleID(2), sampleID(3)])
        #expect(page.withdrawn == [sampleID(3)])
        #expect(page.through == page.head)
    }

    @Test("what the operator did is a log event with ids and no words of theirs")
    func audit() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        hub.core.controlled(withdraw(1).frames(), from: NoticeTests.peer, user: "operator", at: hub.now)
        _ = hub.core.carryOutOrders(at: hub.now, log: hub.reader) { Array(repeating: 9, count: $0) }
        let said = notices(try hub.commit()).filter { $0.event == .operatorNotice }
        #expect(said.count == 1)
        #expect(said.first?.message.contains(sampleID(1)) == true)
        #expect(said.first?.message.contains("mistake") == false)
    }

    @Test("a notice is kept at least as long as what it is about, and goes by the same class")
    func kept() throws {
        var hub = try hub()
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        hub.now.milliseconds += 1_000
        _ = try order(&hub, withdraw(1))
        let records = try hub.records()
        let (target, notice) = (Purge.entry(records[0]), Purge.entry(records[1]))
        #expect(target.retention == notice.retention)
        #expect(notice.expires >= target.expires)
    }
}
