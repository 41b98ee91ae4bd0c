import AlertStore
import Alerts
import Identity
import Platform
import Testing
import Wire

@testable import AlertHub

@Suite("Handshakes")
struct HandshakeTests {
    let analyst = Actor("analyst", read: Reference.grant("koh-kong"))
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))

    private func handshake(_ actor: Actor, _ domain: String, _ number: UInt8 = 1) -> Handshake {
        Handshake(
            back: .init(route: [1], id: [number]), domain: domain, address: "192.0.2.7",
            key: actor.keys.curve.publicKey)
    }

    /// What a handshake was answered, and for which place it asks.
    private struct Outcome: Equatable {
        var answers: [Handshake.Verdict] = []
        /// The accounts of those that ask for a place.
        var places: [String] = []
        var records: [String] = []
        var looks = 0
    }

    private func outcome(_ hub: inout Hub) -> Outcome {
        var outcome = Outcome()
        for action in hub.core.takeActions() {
            switch action {
            case .answer(_, let verdict): outcome.answers.append(verdict)
            case .place(let pending): outcome.places.append(pending.account)
            case .record(let arrival): outcome.records.append(arrival.event.identity)
            case .identify: outcome.looks += 1
            default: break
            }
        }
        return outcome
    }

    private func pending(_ actor: Actor, _ domain: String, _ number: UInt8 = 1) -> PendingHandshake {
        PendingHandshake(
            handshake: handshake(actor, domain, number), user: actor.user, account: actor.name)
    }

    @Test("whoever is unknown is counted and gets a refusal, in a place of its own like anybody")
    func stranger() throws {
        var hub = try Hub([post])
        hub.core.asked(handshake(Actor("nobody"), "control"), isShort: false, at: hub.now)
        #expect(hub.core.drops.counts == ["stranger": 1])
        #expect(outcome(&hub) == Outcome(places: [PeerConnections.strangers]))
        let refused = PendingHandshake(
            handshake: handshake(Actor("nobody"), "control"), user: nil, account: PeerConnections.strangers)
        hub.core.placed(refused, .letIn, at: hub.now)
        #expect(outcome(&hub) == Outcome(answers: [.refused]))
    }

    @Test("a reader is let in to its feed once that is recorded, a post to ingest at once")
    func recorded() throws {
        var hub = try Hub([post, analyst])
        hub.core.asked(handshake(post, "ingest"), isShort: false, at: hub.now)
        #expect(outcome(&hub) == Outcome(places: ["koh-kong"]))
        let feed = handshake(analyst, Feed.domain(of: analyst.read))
        hub.core.asked(feed, isShort: false, at: hub.now)
        #expect(outcome(&hub) == Outcome(records: ["analyst"]))
        let event = AuditEvent(identity: "analyst", action: .feed, subject: "koh-kong")
        let arrival = Handshake.Arrival(handshake: feed, user: analyst.user, event: event)
        hub.core.recorded(arrival, isRecorded: true, at: hub.now)
        #expect(outcome(&hub) == Outcome(places: ["analyst"]))
        hub.core.recorded(arrival, isRecorded: false, at: hub.now)
        #expect(outcome(&hub) == Outcome(answers: [.later]))
        hub.core.learn(.unrecorded(arrival), at: hub.now)
        #expect(outcome(&hub) == Outcome(answers: [.later]))
        // Revoked while it was recorded.
        hub.core.follow(Registry([post.registered]))
        _ = hub.core.takeActions()
        hub.core.recorded(arrival, isRecorded: true, at: hub.now)
        #expect(outcome(&hub) == Outcome(places: [PeerConnections.strangers]))
    }

    @Test("without descriptors everyone is told to come again, but the operator")
    func short() throws {
        var hub = try Hub([post])
        hub.core.asked(handshake(post, "control"), isShort: true, at: hub.now)
        #expect(outcome(&hub) == Outcome(answers: [.later]))
    }

    @Test("who must wait for a place asks again, in turns; who has too many connections comes later")
    func held() throws {
        var hub = try Hub([post, analyst])
        for number in UInt8(1)...3 {
            hub.core.placed(pending(post, "control", number), .wait, at: hub.now)
        }
        hub.core.placed(pending(analyst, "control"), .wait, at: hub.now)
        #expect(outcome(&hub) == Outcome())
        hub.core.askAgain()
        #expect(outcome(&hub) == Outcome(places: ["koh-kong", "analyst", "koh-kong", "koh-kong"], looks: 1))
        hub.core.askAgain()
        #expect(outcome(&hub) == Outcome())
        hub.core.placed(pending(post, "control"), .full, at: hub.now)
        #expect(outcome(&hub) == Outcome(answers: [.later]))
    }

    @Test("a handshake waits for the page that is being read, and for none of those behind it")
    func betweenPages() throws {
        let hub = try Hub([post, analyst])
        let worker = try LogQueryWorker()
        let (isReading, mayGoOn) = (try Wake(), try Wake())
        let thread = try NamedThread("replay") {
            worker.run { () throws(StoreError) in GatedReader(isReading, mayGoOn) }
        }
        let asker = Asker(peer: [1], user: analyst.user, account: analyst.name, read: analyst.read)
        let pages: UInt64 = 4
        for number in 1...pages {
            _ = worker.submit(
                LogQuery(
                    asker: asker, request: number, offset: 1, log: 1, subject: .locate(since: hub.now)))
        }
        #expect(isReading.wait(atMost: .seconds(30)))
        let event = AuditEvent(identity: "analyst", action: .feed, subject: "koh-kong")
        _ = worker.submit(
            Handshake.Arrival(
                handshake: handshake(analyst, "feed"), user: analyst.user, event: event))
        mayGoOn.signal()
        // The second page is begun, and the handshake is done already.
        #expect(isReading.wait(atMost: .seconds(30)))
        #expect(worker.collect().arrivals.count == 1)
        for _ in 3...pages {
            mayGoOn.signal()
            #expect(isReading.wait(atMost: .seconds(30)))
        }
        mayGoOn.signal()
        worker.stop()
        thread.join()
    }
}

/// Each read waits until it may go on.
private final class GatedReader: AlertReader {
    private let isReading: Wake
    private let mayGoOn: Wake

    init(_ isReading: Wake, _ mayGoOn: Wake) {
        self.isReading = isReading
        self.mayGoOn = mayGoOn
    }

    func offset(before moment: Timestamp) -> UInt64 {
        isReading.signal()
        mayGoOn.wait(atMost: .seconds(30))
        return 0
    }

    func head() -> UInt64 { 0 }
    func page(after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int) -> Page {
        Page(records: [], through: after)
    }
    func bytes(after offset: UInt64) -> [String: Int64] { [:] }
    func heads(of topics: Set<UInt32>, through: UInt64) -> [UInt32: UInt64] { [:] }
    func marks(of topics: Set<UInt32>, through: UInt64) -> [UInt32: TopicMark] { [:] }
    func record(at offset: UInt64) -> Record? { nil }
    func thread(of alert: [UInt8]) throws(StoreError) -> AlertThread { throw unread }
    func known(_ alert: [UInt8]) -> KnownAlert? { nil }
    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        throw unread
    }
    func alerts(with identifiers: [Identifier], limit: Int) throws(StoreError) -> IdentifierMatches {
        throw unread
    }
    func unindexedIDs() throws(StoreError) -> UnindexedIDs { throw unread }
    func outcomes(post: String, epoch: UInt64, sequences: ClosedRange<UInt64>) -> [Outcome] { [] }
    func refusals(limit: Int) -> [Refusal] { [] }
    func counts() -> Counts { Counts(stored: 0, refused: 0) }
    func receipts() -> [Receipt] { [] }
    func duty() -> [DutyChange] { [] }
    func progress(after offset: UInt64, limit: Int) -> [AlertProgress] { [] }
    func outlines(after offset: UInt64, limit: Int) -> [AlertOutline] { [] }
    func escalations(limit: Int) -> [EscalationRow] { [] }
    func outages(after moment: Timestamp) -> [Outage] { [] }
    func close() {}

    private var unread: StoreError {
        StoreError(operation: "read", path: "memory", cause: .other, detail: "")
    }
}
