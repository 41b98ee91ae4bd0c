import Alerts
import Foundation
import Identity
import LogProof
import Provinces
import Settings
import Testing
import Wire

@testable import AlertFeed

/// A link, the log of the hub that it talks to, and what has come of it.
struct FeedLinkFixture {
    var link: FeedLink
    var log: SignedLog
    var now = Duration.seconds(100)
    /// Questions that the hub has not answered yet.
    var asked: [Request] = []
    var given: [UInt64] = []
    var beginning: FeedLink.Beginning?
    var kept: [SignedCheckpoint] = []
    var failure: ReaderFailure?
    var told: [String] = []
    var isCaughtUp = false
    var hasGivenUp = false
    var hasRoom = true

    private static let provinces: ProvinceDirectory = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        do {
            return try ReferenceData.provinces(
                overlay: root.appendingPathComponent("config/provinces.toml").path)
        } catch {
            preconditionFailure("the provinces can't be read: \(error)")
        }
    }()

    /// - kept: of an earlier run.
    init(
        _ log: SignedLog, start: Start = .after(0, log: nil), follows: Bool = true,
        kept: [SignedCheckpoint] = [], watchesSilence: Bool = false
    ) {
        self.log = log
        link = FeedLink(
            FeedLink.Plan(
                wanted: Wanted(), start: start, follows: follows, directory: FeedLinkFixture.provinces,
                checkpointFile: "/kept", watchesSilence: watchesSilence),
            CheckpointVerifier(hub: log.key.verifyingKey, kept: kept), at: now)
    }

    /// An event, and the tick after it.
    mutating func happen(_ event: (inout FeedLink, Duration) -> [FeedLink.Action]) {
        note(event(&link, now))
        note(link.tick(hasRoom: hasRoom, now))
        #expect(link.nextTick > now, "it would spin: \(link.state)")
    }

    mutating func pass(_ time: Duration) {
        now += time
        happen { _, _ in [] }
    }

    private mutating func note(_ actions: [FeedLink.Action]) {
        for action in actions {
            switch action {
            case .ask(let request): asked.append(request)
            case .begin(let beginning): self.beginning = beginning
            case .emit(let alert): given.append(alert.offset)
            case .caughtUp: isCaughtUp = true
            case .keep(let signed): kept = signed
            case .tell(let words): told.append(words)
            case .fail(let failure): self.failure = failure
            case .giveUp: hasGivenUp = true
            case .connectFeed, .see: break
            }
        }
    }

    /// The hub answers the oldest question.
    mutating func answer(_ change: (Reply) -> Reply = { $0 }) {
        guard !asked.isEmpty, let reply = log.answer(asked.removeFirst()) else { return }
        let told = change(reply)
        if case .page(let page, _) = told { note(link.announce(page, hasRoom: hasRoom, now)) }
        happen { $0.replied(told, $1) }
    }

    /// The same until nothing is asked.
    mutating func answerAll() {
        while !asked.isEmpty { answer() }
    }

    /// The hub says no to the oldest question.
    mutating func refuse(_ code: ReasonCode, _ reason: String = "invented") {
        asked.removeFirst()
        happen { $0.replied(.refused(Reply.Refused(request: nil, code: code, reason: reason)), $1) }
    }

    mutating func up() { happen { $0.controlUp($1) } }

    mutating func deliver(_ offset: UInt64) {
        let (frames, hasRoom) = (log.delivery(of: offset), hasRoom)
        happen { $0.published(frames, hasRoom: hasRoom, $1) }
    }

    mutating func beat() {
        let (frames, hasRoom) = (log.heartbeat(), hasRoom)
        happen { $0.published(frames, hasRoom: hasRoom, $1) }
    }

    /// Live at the log's end.
    static func live(_ log: SignedLog, start: Start = .after(0, log: nil)) -> FeedLinkFixture {
        var fixture = FeedLinkFixture(log, start: start)
        fixture.up()
        fixture.answerAll()
        return fixture
    }

    /// The number of the question which posts are silent; nil: it was not asked.
    var questionOfSilence: UInt64? {
        asked.compactMap { if case .silent(let body) = $0 { body.request } else { nil } }.first
    }

    var questions: [UInt64] {
        asked.compactMap { if case .checkpoint(let body) = $0 { body.offset } else { nil } }
    }
}
