import Alerts
import AlertStore
import Testing
import Wire

@testable import AlertHub

@Suite("Two machines with one identity")
struct TwoMachinesTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))

    private func hello(_ instance: UInt64?, epoch: UInt64 = 7, request: UInt64 = 1) -> Request {
        .hello(
            Request.Hello(
                request: request, program: "test", epoch: HexNumber(epoch), last: 0,
                instance: instance.map(HexNumber.init)))
    }

    /// Whether it was welcomed; `isSessionThere` is what the loop finds when it looks.
    private func greet(
        _ hub: inout Hub, _ request: Request, from peer: [UInt8], isSessionThere: Bool = true
    ) throws -> Bool {
        var actions = hub.ask(request, as: post, from: peer)
        for case .look(_, _, let pending) in actions {
            hub.core.contended(pending, isSessionThere: isSessionThere, at: hub.now)
            actions = hub.core.takeActions()
        }
        switch replies(actions).last {
        case .welcome: return true
        case .refused(let refused):
            #expect(refused.code == .inUse)
            return false
        case let other:
            Issue.record("\(other.map { "\($0)" } ?? "no reply")")
            return false
        }
    }

    @Test(
        "the second is refused while the first is there, whatever its epoch; it is counted, logged and in the status"
    )
    func refused() throws {
        var hub = try Hub([post])
        #expect(try greet(&hub, hello(1), from: [1]))
        let asked = hub.ask(hello(2, epoch: 8), as: post, from: [2])
        guard case .look(let peer, .alive, let pending)? = asked.first else {
            Issue.record("\(asked)")
            return
        }
        #expect(peer == [1])
        hub.core.contended(pending, isSessionThere: true, at: hub.now)
        let actions = hub.core.takeActions()
        #expect(notices(actions).map(\.reason) == ["in-use"])
        #expect(notices(actions).map(\.post) == ["koh-kong"])
        #expect(hub.core.drops.counts == ["in-use": 1])
        hub.ingest(post.alert(1), from: post)
        let routed = try hub.commit()
        #expect(
            routed.contains { if case .reply(let peer, .acknowledged) = $0 { peer == [1] } else { false } },
            "acknowledgements still go to the first")
        hub.core.controlled(
            Request.status(Request.Status(request: 8)).frames(), from: [9], user: "operator", at: hub.now)
        guard case .status(let status) = try hub.reply(hub.core.takeActions()) else {
            Issue.record("no status")
            return
        }
        #expect(status.links.first?.secondMachine?.at == hub.now.milliseconds)
    }

    @Test(
        "a process that was started anew is welcome at once when the connection of the one before it is gone")
    func restarted() throws {
        var hub = try Hub([post])
        #expect(try greet(&hub, hello(1), from: [1]))
        #expect(try greet(&hub, hello(2), from: [2], isSessionThere: false))
        #expect(hub.core.links.routing(of: "koh-kong") == [2])
        #expect(try !greet(&hub, hello(1), from: [3]), "the first, back from where it was")
    }

    @Test("the same process may come over another connection")
    func reconnected() throws {
        var hub = try Hub([post])
        #expect(try greet(&hub, hello(1), from: [1]))
        #expect(try greet(&hub, hello(1, request: 2), from: [2]))
        #expect(hub.core.links.routing(of: "koh-kong") == [2])
    }

    @Test(
        "one that says nothing for the lease is not waited for, though its connection stands; a word renews it"
    )
    func lease() throws {
        var hub = try Hub([post])
        #expect(try greet(&hub, hello(1), from: [1]))
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + Links.lease - 1)
        #expect(try !greet(&hub, hello(2), from: [2]))
        _ = hub.ask(.alive(Request.Alive(request: 3, depth: 0, oldest: nil)), as: post, from: [1])
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + Links.lease - 1)
        #expect(try !greet(&hub, hello(2), from: [2]), "what the second says does not keep it waiting longer")
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 1)
        #expect(try greet(&hub, hello(2), from: [2]))
    }

    @Test("a program that names no instance is taken over, and waits for one that does")
    func withoutInstance() throws {
        var hub = try Hub([post])
        #expect(try greet(&hub, hello(nil), from: [1]))
        #expect(try greet(&hub, hello(nil), from: [2]))
        #expect(try greet(&hub, hello(1), from: [3]))
        #expect(try !greet(&hub, hello(nil), from: [4]))
    }
}
