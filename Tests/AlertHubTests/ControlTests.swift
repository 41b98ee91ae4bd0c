import Alerts
import AlertStore
import Testing
import Wire

@testable import AlertHub

@Suite("Control")
struct ControlTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong", "prey-veng"))
    let analyst = Actor("analyst", read: Reference.grant("koh-kong"))

    private func code(_ actions: [Action]) -> String? {
        if case .refused(let body) = replies(actions).first { body.code.rawValue } else { nil }
    }

    private func page(_ hub: inout Hub, after: UInt64, _ topics: [Topic] = [], limit: Int? = nil) throws
        -> (Reply.Page, [PageRecord])
    {
        let asked = hub.ask(
            .replay(
                Request.Replay(request: 3, after: after, topics: topics.map(\.name), limit: limit)),
            as: analyst)
        guard case .page(let page, let bytes) = try hub.reply(asked) else {
            throw Malformed("no page: \(asked)")
        }
        return (page, try PageRecord.decode(bytes))
    }

    @Test("a welcome says what the identity may do, where, and how far its topics are")
    func welcome() throws {
        var hub = try Hub([post, analyst])
        hub.ingest(post.alert(1), from: post)
        hub.ingest(post.alert(2, provinces: ["KH-14"]), from: post)
        _ = try hub.commit()
        let asked = hub.ask(.hello(Request.Hello(request: 6, program: "test")), as: analyst)
        guard case .welcome(let welcome) = replies(asked).first else {
            Issue.record("\(asked)")
            return
        }
        #expect(welcome.request == 6)
        #expect(welcome.identity == "analyst")
        #expect(welcome.offset == 2)
        #expect(welcome.ingest == nil)
        #expect(welcome.feed == hub.core.ports[Feed.domain(of: analyst.read)])
        #expect(welcome.topics == [.init(topic: "kh.koh-kong.suspect.", number: 1, sequence: 1)])
    }

    @Test("who may not publish is not greeted as a post, and who may not read gets no page")
    func grants() throws {
        var hub = try Hub([post, analyst])
        let hello = Request.hello(
            Request.Hello(request: 1, program: "test", epoch: HexNumber(3), last: 0))
        #expect(code(hub.ask(hello, as: analyst)) == "grant")
        let replay = Request.replay(Request.Replay(request: 1, after: 0, topics: []))
        #expect(code(hub.ask(replay, as: post)) == "grant")
        let foreign = Request.replay(
            Request.Replay(request: 1, after: 0, topics: ["kh.prey-veng.suspect."]))
        #expect(code(hub.ask(foreign, as: analyst)) == "grant")
        let nonsense = Request.replay(Request.Replay(request: 1, after: 0, topics: ["kh"]))
        #expect(code(hub.ask(nonsense, as: analyst)) == "malformed")
    }

    @Test("while alerts come in a page is a short one, and a tenth of a second later it is whole again")
    func shortPages() throws {
        var hub = try Hub([post, analyst])
        for sequence in UInt64(1)...300 { hub.ingest(post.alert(sequence), from: post) }
        _ = try hub.commit()
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + HubCore.live - 1)
        let (short, records) = try page(&hub, after: 0)
        let bytes = records.reduce(0) { $0 + $1.signed.size }
        #expect((WireLimits.livePageBytes..<WireLimits.livePageBytes + 1_000).contains(bytes))
        #expect(short.through == UInt64(records.count) && short.head == 300)
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 1)
        #expect(try page(&hub, after: 0).1.count == 300)
        hub.now = Timestamp(milliseconds: hub.now.milliseconds - 3_600_000)
        #expect(try page(&hub, after: 0).1.count == 300, "a clock that was set back")
    }

    @Test("a revoked key gets a refusal for whatever it asks, and is counted")
    func revoked() throws {
        var hub = try Hub([post, analyst])
        hub.core.follow(Registry([post.registered]))
        _ = hub.core.takeActions()
        let hello = Request.hello(Request.Hello(request: 1, program: "test"))
        #expect(code(hub.ask(hello, as: analyst)) == "grant")
        #expect(hub.core.drops.counts == ["revoked": 1])
    }

    @Test("the status is for the operator only, and the operator gets nothing else")
    func status() throws {
        var hub = try Hub([post, analyst])
        let status = Request.status(Request.Status(request: 8))
        #expect(code(hub.ask(status, as: analyst)) == "grant")
        hub.core.controlled(status.frames(), from: [1], user: "operator", at: hub.now)
        guard case .status(let answer) = try hub.reply(hub.core.takeActions()) else {
            Issue.record("no status")
            return
        }
        #expect(answer.links.map(\.identity) == ["analyst", "koh-kong"])
        #expect(answer.feeds.map(\.identities) == [["analyst"]])
        let hello = Request.hello(Request.Hello(request: 9, program: "test"))
        hub.core.controlled(hello.frames(), from: [1], user: "operator", at: hub.now)
        #expect(code(hub.core.takeActions()) == "grant")
    }

    @Test(
        "frames that are no request are refused with a reason",
        arguments: [
            ([], "malformed"), ([[]], "malformed"), ([[0x42, 0x57, 2, 0x10]], "malformed"),
            ([[0x42, 0x57, 9, 0x10], [0x68], [0x7B]], "version"),
            ([[0x42, 0x57, 2, 0x10], Array("hello".utf8), Array("[]".utf8)], "malformed"),
            ([[0x42, 0x57, 2, 0x10], Array("hello".utf8), [0xFF, 0xFE]], "malformed"),
            ([[0x42, 0x57, 2, 0x10], Array("dance".utf8), Array("{}".utf8)], "unknown"),
            (
                [
                    [0x42, 0x57, 2, 0x10], Array("hello".utf8),
                    [UInt8](repeating: 0x5B, count: 60_000),
                ], "malformed"
            ),
            (
                [
                    [0x42, 0x57, 2, 0x10], Array("replay".utf8),
                    Array(#"{"request":-1,"after":1e400,"topics":[]}"#.utf8),
                ], "malformed"
            ),
        ] as [([[UInt8]], String)])
    func malformed(_ frames: [[UInt8]], _ expected: String) throws {
        var hub = try Hub([post, analyst])
        hub.core.controlled(frames, from: [1], user: analyst.user, at: hub.now)
        let actions = hub.core.takeActions()
        #expect(code(actions) == expected)
        #expect(hub.core.drops.counts == [expected: 1])
    }

    @Test("extreme numbers in a request never trap", arguments: [UInt64.max, 1 << 63, 0])
    func extremes(_ number: UInt64) throws {
        var hub = try Hub([post, analyst])
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        let requests: [Request] = [
            .replay(Request.Replay(request: number, after: number, topics: [], limit: .min)),
            .replay(Request.Replay(request: number, after: number, topics: [], limit: .max)),
            .locate(Request.Locate(request: number, since: Int64(truncatingIfNeeded: number))),
            .find(Request.Find(request: number, alert: "")),
            .alive(
                Request.Alive(request: number, depth: number, oldest: Int64(truncatingIfNeeded: number))),
            .outcomes(
                Request.Outcomes(
                    request: number, epoch: HexNumber(number), from: number, through: .max)),
            .outcomes(
                Request.Outcomes(
                    request: number, epoch: HexNumber(number), from: 1, through: number)),
            .hello(Request.Hello(request: number, program: "", epoch: HexNumber(number), last: number)),
        ]
        for request in requests {
            for actor in [post, analyst] {
                #expect(try hub.reply(hub.ask(request, as: actor)) != nil, "\(request)")
                hub.finishReadings(of: actor)
            }
        }
    }

    @Test(
        "for whom an alert is taken out stands in the record of who read it, and what is no name is refused")
    func destination() throws {
        var hub = try Hub([post, analyst])
        let id = "01a20abe-b4c0-7abc-8def-0123456789ab"
        func recorded(_ destination: String?) -> [String?] {
            hub.ask(.find(Request.Find(request: 3, alert: id, destination: destination)), as: analyst)
                .compactMap {
                    guard case .read(let query) = $0 else { return nil }
                    return query.audit?.subject
                }
        }
        #expect(recorded("ministry") == ["\(id) for ministry"])
        hub.finishReadings(of: analyst)
        #expect(recorded(nil) == [id])
        hub.finishReadings(of: analyst)
        for nonsense in ["", "a b", "-x", String(repeating: "a", count: 41), "x\n01a20abe"] {
            let find = Request.find(Request.Find(request: 3, alert: id, destination: nonsense))
            #expect(code(hub.ask(find, as: analyst)) == "malformed", "\(nonsense)")
        }
    }

    @Test("an identity has so many look-ups under way over all its connections, and the next one is busy")
    func busy() throws {
        let other = Actor("other", read: Reference.grant("koh-kong"))
        var hub = try Hub([post, analyst, other])
        let replay = Request.replay(Request.Replay(request: 4, after: 0, topics: []))
        let most = UInt8(HubLimits().lookups)
        for peer in 0..<most { #expect(replies(hub.ask(replay, as: analyst, from: [peer])).isEmpty) }
        #expect(code(hub.ask(replay, as: analyst, from: [most])) == "busy", "another connection")
        #expect(replies(hub.ask(replay, as: other)).isEmpty, "another identity")
        hub.finishReadings(of: analyst, count: 1)
        #expect(replies(hub.ask(replay, as: analyst)).isEmpty)
    }

    @Test("a flood of requests is refused beyond the rate, soon without a word, and is nobody else's")
    func flood() throws {
        let other = Actor("other", read: Reference.grant("koh-kong"))
        var hub = try Hub([post, analyst, other])
        let hello = Request.hello(Request.Hello(request: 1, program: "test"))
        var welcomed = 0
        var refused = 0
        var told = 0
        for peer in 0..<10_000 {
            let actions = hub.ask(hello, as: analyst, from: [UInt8(peer % 100)])
            switch replies(actions).first {
            case .welcome: welcomed += 1
            case .refused(let body):
                #expect(body.code == .busy)
                refused += 1
            default: break
            }
            told += notices(actions).count { $0.event == .budgetReached }
        }
        #expect(welcomed == HubLimits().requests / Int(HubCore.helloCost))
        #expect((1...10).contains(refused))
        #expect(told == 1)
        guard case .welcome = replies(hub.ask(hello, as: other)).first else {
            Issue.record("another identity waits")
            return
        }
        hub.now.milliseconds += 1_000
        guard case .welcome = replies(hub.ask(hello, as: analyst)).first else {
            Issue.record("it waits for ever")
            return
        }
    }

    @Test("what waits is not sent to a key that was revoked meanwhile, nor what it may read no longer")
    func revokedWhileWaiting() throws {
        var hub = try Hub([post, analyst])
        let replay = Request.replay(Request.Replay(request: 4, after: 0, topics: []))
        func asker(_ actions: [Action]) throws -> Asker {
            for case .read(let query) in actions { return query.asker }
            throw Malformed("no look-up")
        }
        let first = try asker(hub.ask(replay, as: analyst))
        let second = try asker(hub.ask(replay, as: analyst))
        let third = try asker(hub.ask(replay, as: analyst))
        #expect(hub.core.answered(first) == nil)
        var narrower = analyst
        narrower.read = Reference.grant("prey-veng")
        hub.core.follow(Registry([post, narrower].map(\.registered)))
        #expect(hub.core.answered(second)?.contains("has changed") == true)
        hub.core.follow(Registry([post].map(\.registered)))
        #expect(hub.core.answered(third)?.contains("not in the registry") == true)
    }

    @Test("a page holds what is granted and asked for, and the last one ends with all heads")
    func pages() throws {
        var hub = try Hub([post, analyst])
        for sequence in UInt64(1)...6 {
            let provinces = sequence.isMultiple(of: 3) ? ["KH-14"] : ["KH-9"]
            let kind: Kind = sequence == 5 ? .movement : .suspect
            hub.ingest(post.alert(sequence, provinces: provinces, kind: kind), from: post)
        }
        _ = try hub.commit()
        let (first, records) = try page(&hub, after: 0, limit: 2)
        #expect(records.map(\.offset) == [1, 2])
        #expect((first.through, first.head) == (2, 6))
        #expect(first.topics.map(\.topic) == ["kh.koh-kong.suspect."])
        let (last, rest) = try page(&hub, after: 2)
        #expect(rest.map(\.offset) == [4, 5])
        #expect((last.through, last.head) == (6, 6))
        #expect(last.topics.map(\.topic) == ["kh.koh-kong.suspect.", "kh.koh-kong.movement."])
        #expect(last.topics.map(\.sequence) == [3, 1])
    }

    @Test("a page for topics that nothing was sent on yet is empty and complete")
    func emptyPage() throws {
        var hub = try Hub([post, analyst])
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        let (page, records) = try page(&hub, after: 0, [Reference.topic("KH-9", .movement)])
        #expect(records.isEmpty)
        #expect((page.through, page.head) == (1, 1))
        #expect(page.topics.map(\.sequence) == [1])
    }

    @Test("an alert that is delivered elsewhere too shows only the deliveries that are granted")
    func hiddenDeliveries() throws {
        var hub = try Hub([post, analyst])
        hub.ingest(post.alert(1, provinces: ["KH-14", "KH-9"]), from: post)
        _ = try hub.commit()
        let (_, records) = try page(&hub, after: 0)
        #expect(records.map(\.deliveries) == [[.init(topic: 2, sequence: 1)]])
    }

    @Test(
        "a topic of an invented province is refused and written nowhere; one of a known province without alerts is not"
    )
    func inventedTopics() throws {
        let reader = Actor("reader", read: Reference.grant("all"))
        var hub = try Hub([reader])
        func ask(_ topics: [String]) -> [Action] {
            hub.ask(.replay(Request.Replay(request: 3, after: 0, topics: topics)), as: reader)
        }
        let invented = ask(["kh.\(String(repeating: "x", count: 100)).suspect."])
        #expect(
            replies(invented).contains {
                if case .refused(let body) = $0 { body.code == .malformed } else { false }
            })
        #expect(!invented.contains { if case .read = $0 { true } else { false } })
        let known = ask(["kh.koh-kong.suspect.", "th.trat.movement."])
        #expect(known.contains { if case .read = $0 { true } else { false } })
    }

    @Test("the same topics in another order are the same subject, and of many it names some")
    func subjects() {
        #expect(HubCore.list(["b", "a", "b"]) == "a b")
        let many = (0..<30).map { "kh.province-\($0).suspect." }
        #expect(HubCore.list(many).hasSuffix(" and 10 more"))
    }
}
