internal import AlertPost
internal import Alerts
internal import Identity
internal import LogProof
internal import Wire

/// A hub that keeps to nothing, before a post's link.
extension FuzzedDecoder {
    /// Each message is a reply; an empty one is the ingest socket going up or down, one of a single frame the time that passes.
    func post(_ messages: [[UInt8]]) -> String? {
        var town = PostOnTrial()
        town.begin()
        for message in messages {
            if let complaint = town.receive(Frames.split(message)) { return complaint }
        }
        return nil
    }
}

/// A link with an outbox of numbers in the place of the one on disk.
private struct PostOnTrial {
    /// Actions that one message may lead to: a window of alerts several times over.
    private static let most = 20_000
    private static let last: UInt64 = 300

    private var link: PostLink
    private var waiting = Set(10...PostOnTrial.last)
    private var now = Duration.seconds(100)
    private var isIngestUp = false
    private var asked: UInt64 = 0
    private var sent: UInt64 = 0
    private let clock = Timestamp(milliseconds: 1_764_028_800_123)

    init() {
        link = PostLink(
            PostOnTrial.summary(Set(10...PostOnTrial.last)),
            CheckpointVerifier(hub: Sample.signing.verifyingKey, kept: []))
    }

    private static func summary(_ waiting: Set<UInt64>) -> Outbox.Summary {
        let queued = Timestamp(milliseconds: 1_764_028_800_000)
        return Outbox.Summary(
            epoch: 0x1122_3344_5566_7788, last: last, depth: waiting.count,
            oldest: waiting.min().map { Outbox.Summary.Oldest(sequence: $0, queued: queued) }, rejected: 0)
    }

    mutating func begin() { _ = perform(link.controlUp(now)) }

    mutating func receive(_ frames: [[UInt8]]) -> String? {
        if frames.isEmpty {
            isIngestUp.toggle()
            return perform(link.ingestChanged(isUp: isIngestUp, now))
        }
        if frames.count == 1 {
            now += .milliseconds(frames[0].prefix(3).reduce(0) { $0 << 8 | Int($1) })
            return perform(link.tick(now))
        }
        guard let reply = try? Reply(frames: frames) else { return nil }
        return perform(link.replied(toLast(reply), clock: clock, now))
    }

    /// What answers other requests is passed over; that is not what is tried here.
    private func toLast(_ reply: Reply) -> Reply {
        switch reply {
        case .welcome(var welcome):
            welcome.request = asked
            return .welcome(welcome)
        case .checkpoint(var answer):
            answer.request = asked
            return .checkpoint(answer)
        default: return reply
        }
    }

    private mutating func perform(_ first: [PostLink.Action]) -> String? {
        var actions = first[...]
        var count = 0
        while let action = actions.popFirst() {
            count += 1
            guard count <= PostOnTrial.most else { return "finds no end" }
            switch action {
            case .ask(let request):
                guard (try? Request(frames: request.frames())) == request else {
                    return "asks what no hub can read"
                }
                asked = request.number
            case .connectIngest(let port):
                guard (1...65_535).contains(port) else { return "connects to no port" }
            case .fetch(let after, let limit):
                guard (1...WireLimits.window).contains(limit) else { return "sends past its window" }
                sent = after
                let entries = waiting.filter { $0 > after }.sorted().prefix(limit).map { sequence in
                    Outbox.Entry(
                        sequence: sequence, queued: clock, id: [], origin: "",
                        signed: SignedAlert(header: [], payload: [], signature: []))
                }
                actions += link.fetched(Array(entries), asked: limit, now)
            case .compare(let sequence, let digest, _):
                guard sequence >= 1 else { return "compares an alert that is none" }
                actions += link.compared(sequence, isOurs: digest.count.isMultiple(of: 2), now)
            case .send(let entry), .giveUp(let entry):
                guard entry.sequence == sent + 1 else { return "leaves out an alert" }
                sent = entry.sequence
            case .resolve(let answers, _):
                waiting.subtract(answers.map(\.sequence))
                actions += link.resolved(PostOnTrial.summary(waiting), now)
            case .reopen(let after):
                let again = after < PostOnTrial.last ? Set(after + 1...PostOnTrial.last) : []
                waiting.formUnion(again)
                actions += link.reopened(
                    Outbox.Reopened(count: again.count, missing: []), PostOnTrial.summary(waiting),
                    clock: clock, now)
            case .findStored(let through):
                guard through >= 1 else { return "looks for alerts that were none" }
                actions += link.found(stored: 1...through, pick: through &* 7)
            case .compareStored(let stretch, let answers, _):
                let told = Set(answers.map(\.sequence))
                let altered = (1...PostOnTrial.last).filter { stretch.contains($0) && !told.contains($0) }
                actions += link.compared(stretch, altered: altered)
            case .note: break
            case .keep(let checkpoints):
                guard checkpoints.allSatisfy({ $0.isSigned(by: Sample.signing.verifyingKey) }) else {
                    return "keeps what the hub has not signed"
                }
            case .answered(let answers):
                guard answers.allSatisfy({ AlertID($0.alert) != nil }) else { return "tells of no alert" }
            case .tell, .warn: break
            }
        }
        guard link.inFlight <= UInt64(WireLimits.window) else { return "has more under way than its window" }
        return link.nextTick >= .zero ? nil : "is never due"
    }
}
