internal import Alerts
internal import AlertStore
internal import Wire

/// What comes of a hub's session with a shared log.
enum SharedNews: Sendable {
    /// Of ``Lease/Order/observe``, where it is another than the last: before what was observed, so that who hears the store
    /// always knows who may read it.
    case registry(FoundRegistry)
    /// Of ``Lease/Order/observe``.
    case observed(LeaseView)
    case unheard(StoreError)
    /// Of ``Lease/Order/take(after:)``: all that is needed to write in that term.
    case took(term: UInt64, WriterStart)
    /// Of the same: another hub was first, or nobody knows.
    case missed(StoreError?)
    /// Of ``SharedOrder/follow(after:)``: what comes after that offset; at least one record.
    case followed(after: UInt64, FollowedRecords)
    case unfollowed(StoreError)
    /// Of ``SharedOrder/handOver(_:)``; nil: it is left.
    case handedOver(StoreError?)
    /// Of ``SharedOrder/readEscalations(certain:)``.
    case escalations([Escalation.Raised])
    /// Of ``SharedOrder/takeHandedOver(after:)``.
    case handed([HandedReceipt])
}

/// What a hub asks of its session with a shared log.
enum SharedOrder: Sendable, Equatable {
    /// - outage: since a hub was there last, for ``WriterStart``.
    case lease(Lease.Order, outage: Outage?)
    /// Give what comes after this offset as soon as there is something; nil: nothing more.
    case follow(after: UInt64?)
    /// Give the escalations that are open, for a hub that does not raise them.
    /// - certain: no earlier than this is certain.
    case readEscalations(certain: Timestamp)
    /// Leave what readers have shown for the hub that writes; or give what others have left; or remove it.
    case handOver([Receipt])
    case takeHandedOver(after: UInt64)
    case removeHandedOver(through: UInt64)
    /// The writer of the term that is over is to be closed.
    case release
}

/// A hub that shares its log with others.
extension HubTurn {
    /// A hub that shares its log: who may write, what the others have written, and whom this hub has yet to welcome.
    struct Sharing: Sendable {
        var lease: Lease
        var barrier = Barrier()
        /// The log is this hub's to write, once it has followed it to its end.
        var start: (term: UInt64, start: WriterStart)?
        /// The offset after which the follower was asked for more; nil: it is not asked.
        var asked: UInt64?
        /// Not before that, since it failed.
        var nextFollow = Duration.zero
        /// When the open escalations are read again.
        var nextEscalations = Duration.zero
        var error: StoreError?
        /// Versions of the registry that were found since the loop last looked.
        var found: [FoundRegistry] = []

        init(_ hub: String) { lease = Lease(hub) }
    }

    /// When something is due; nil: the log is this hub's own.
    func nextTick(_ now: Duration) -> Duration? {
        guard let sharing else { return nil }
        let isFollowDue = core.role == .following && core.isAnswering && sharing.asked == nil
        let lease = sharing.lease.nextTick(now)
        return isFollowDue ? min(lease, sharing.nextFollow) : lease
    }

    /// Whether alerts are taken from posts.
    var takesAlerts: Bool { !core.isBatchFull && core.isAnswering }

    /// What the store has said: first of all, so that a hub whose turn is over does nothing more in it.
    mutating func takeNews(_ outside: some HubOutside, _ moment: Moment) throws {
        guard sharing != nil else { return }
        while let news = outside.nextNews() { try take(news, outside, moment) }
        guard let sharing else { return }
        core.hear(!sharing.lease.isDeaf(moment.steady), sharing.error)
        try tend(outside, moment)
    }

    private mutating func take(_ news: SharedNews, _ outside: some HubOutside, _ moment: Moment) throws {
        switch news {
        case .registry(let found):
            if case .success(let registry) = found.content { core.follow(anew: registry, at: moment.now) }
            sharing?.found.append(found)
        case .observed(let view):
            sharing?.error = nil
            let isLost = sharing?.lease.observed(view, moment.steady) ?? false
            core.observed(view)
            let look = sharing?.lease.looks ?? 0
            sharing?.barrier.observed(look, head: view.head)
            if core.role == .writing, let number = core.handover.ask() {
                outside.order(.takeHandedOver(after: number))
            }
            if isLost { lose("hub \(view.holder) has taken it over, in term \(view.term)", outside) }
        case .unheard(let error):
            sharing?.error = error
            sharing?.lease.failed(moment.steady)
        case .took(let term, let start):
            guard sharing?.lease.took(term) ?? false else { return outside.order(.release) }
            sharing?.start = (term, start)
        case .missed(let error):
            sharing?.error = error
            sharing?.lease.missed()
        case .followed(let after, let records):
            guard sharing?.asked == after else { return }
            sharing?.asked = nil
            if core.role == .following, core.end.offset == after, core.isAnswering {
                try core.follow(records)
            }
        case .handedOver(let error): if error == nil { core.handedOver() } else { core.notHandedOver() }
        case .escalations(let open): if core.role == .following { core.escalation.follow(open) }
        case .handed(let handed): core.take(handed, at: moment.now)
        case .unfollowed(let error):
            sharing?.asked = nil
            sharing?.error = error
            sharing?.nextFollow = moment.steady + Lease.look
        }
    }

    /// Versions of the registry that were found since the last call.
    mutating func takeFound() -> [FoundRegistry] {
        defer { sharing?.found = [] }
        return sharing?.found ?? []
    }

    /// Asks the store for what is due, and welcomes whom this hub can welcome.
    mutating func tend(_ outside: some HubOutside, _ moment: Moment) throws {
        guard var sharing else { return }
        let greetings = core.takeGreetings()
        sharing.barrier.add(greetings, after: sharing.lease.looks)
        if core.isAnswering {
            if sharing.barrier.needsLook { sharing.lease.wantLook() }
            try follow(&sharing, outside, moment)
        } else {
            for greeting in sharing.barrier.takeAll() {
                core.refuseUnheard(greeting.peer, greeting.hello.request)
            }
        }
        for order in sharing.lease.tick(canTake: !isCommitting, moment.steady) {
            outside.order(.lease(order, outage: core.outage))
        }
        if core.role == .following, let receipts = core.handover.leave() {
            outside.order(.handOver(receipts))
        }
        if core.role == .following, core.isAnswering, moment.steady >= sharing.nextEscalations {
            sharing.nextEscalations = moment.steady + OpenEscalations.pause
            outside.order(.readEscalations(certain: core.time?.certain ?? moment.now))
        }
        if core.role == .writing, let number = core.handover.remove() {
            outside.order(.removeHandedOver(through: number))
        }
        for greeting in sharing.barrier.passed(through: core.end.offset) {
            core.meet(greeting, at: moment.now)
        }
        self.sharing = sharing
    }

    private mutating func follow(
        _ sharing: inout Sharing, _ outside: some HubOutside, _ moment: Moment
    ) throws {
        if let start = sharing.start?.start, core.role == .following {
            guard start.state.offset >= core.end.offset else {
                throw StoreError(
                    operation: "begin to write", path: "the log", cause: .behind,
                    detail: "it ends at offset \(start.state.offset), before \(core.end.offset)",
                    remedy: "the store has lost acknowledged alerts: see borderwire-hub(8)")
            }
            if start.state.offset == core.end.offset {
                try core.became(start, at: moment.now)
                sharing.start = nil
                sharing.asked = nil
                return outside.order(.follow(after: nil))
            }
        }
        guard core.role == .following, sharing.asked == nil, moment.steady >= sharing.nextFollow else {
            return
        }
        sharing.asked = core.end.offset
        outside.order(.follow(after: core.end.offset))
    }

    /// This hub writes no more, until it has the lease anew.
    mutating func lose(_ why: String, _ outside: some HubOutside) {
        sharing?.lease.lost()
        sharing?.start = nil
        giveUpCommit()
        core.lostLease(why)
        outside.order(.release)
    }

    /// The hub stops: another takes over at once.
    mutating func leave(_ outside: some HubOutside) {
        for order in sharing?.lease.stop() ?? [] { outside.order(.lease(order, outage: nil)) }
    }
}

extension StoreError.Cause {
    /// Whether a hub that shares its log goes on after this error, as one that does not write.
    var endsTerm: Bool {
        switch self {
        case .leaseLost, .unknownOutcome, .unreachable, .behind: true
        default: false
        }
    }
}
