import Alerts
import Wire

@testable import AlertPost

/// A link with an outbox that is only counted: sequences, no bytes.
struct LinkFixture {
    var link: PostLink
    var summary: Outbox.Summary
    var account = LinkAccount(at: 0)
    var now = Duration.seconds(100)
    static let epoch: UInt64 = 9

    /// - waiting: the sequences in the outbox that no answer has come for.
    init(waiting: ClosedRange<UInt64>? = nil, last: UInt64? = nil) {
        summary = LinkFixture.summary(waiting: waiting, last: last)
        link = PostLink(summary)
    }

    static func summary(
        waiting: ClosedRange<UInt64>?, last: UInt64? = nil, epoch: UInt64 = LinkFixture.epoch
    ) -> Outbox.Summary {
        Outbox.Summary(
            epoch: epoch, last: last ?? waiting?.upperBound ?? 0, depth: waiting?.count ?? 0,
            oldest: waiting.map {
                Outbox.Summary.Oldest(sequence: $0.lowerBound, queued: Timestamp(milliseconds: 1))
            }, rejected: 0)
    }

    static func entries(_ sequences: ClosedRange<UInt64>) -> [Outbox.Entry] {
        sequences.map {
            Outbox.Entry(
                sequence: $0, queued: Timestamp(milliseconds: 1), id: [], origin: "KH-9",
                signed: SignedAlert(header: [], payload: [], signature: []))
        }
    }

    mutating func reply(_ reply: Reply) -> [PostLink.Action] {
        link.replied(reply, clock: Timestamp(milliseconds: 1_000), now)
    }

    /// What its operator is told of the link now.
    mutating func news() -> [LinkAccount.Line] { account.news(of: link) }

    /// Those of some actions that its operator is told.
    mutating func warnings(_ actions: [PostLink.Action], _ event: PostEvent) -> Int {
        actions.filter { action in
            guard case .warn(event, _) = action else { return false }
            return account.isDue(event, now)
        }.count
    }

    /// The number of the last hello among the actions.
    static func hello(_ actions: [PostLink.Action]) -> Request.Hello? {
        for case .ask(.hello(let body)) in actions.reversed() { return body }
        return nil
    }

    static func outcomes(_ actions: [PostLink.Action]) -> Request.Outcomes? {
        for case .ask(.outcomes(let body)) in actions { return body }
        return nil
    }

    static func fetch(_ actions: [PostLink.Action]) -> (after: UInt64, limit: Int)? {
        for case .fetch(let after, let limit) in actions { return (after, limit) }
        return nil
    }

    static func sent(_ actions: [PostLink.Action]) -> [UInt64] {
        actions.compactMap { if case .send(let entry) = $0 { entry.sequence } else { nil } }
    }

    func welcome(_ request: UInt64, through: UInt64?, ingest: Int? = 5561) -> Reply {
        .welcome(
            Reply.Welcome(
                request: request, identity: "koh-kong", log: HexNumber(1), offset: 0, time: 3_000,
                publish: ["koh-kong"], read: [], ingest: ingest, feed: nil, through: through, topics: []))
    }

    /// Up, with everything up to `through` consumed; what the welcome asks for is given back.
    mutating func rise(through: UInt64 = 0) -> [PostLink.Action] {
        let hello = LinkFixture.hello(link.controlUp(now))
        _ = link.ingestChanged(isUp: true, now)
        let again = LinkFixture.hello(link.controlUp(now))
        _ = hello
        return reply(welcome(again?.request ?? 0, through: through))
    }

    /// Sends the whole of a stretch from the outbox.
    mutating func send(_ sequences: ClosedRange<UInt64>) -> [UInt64] {
        LinkFixture.sent(
            link.fetched(LinkFixture.entries(sequences), asked: WireLimits.window, now))
    }

    mutating func acknowledge(through: UInt64, stored: [[UInt64]]) -> [PostLink.Action] {
        reply(
            .acknowledged(
                Reply.Acknowledged(
                    epoch: HexNumber(LinkFixture.epoch), through: through, stored: stored)))
    }
}
