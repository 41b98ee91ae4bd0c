internal import Alerts
internal import AlertStore
internal import Wire

/// What this hub may do with the log now: the one place that says it.
enum Role: Sendable, Equatable {
    /// It writes the log. With a log of its own it always does.
    case writing
    /// Another hub writes, and this one shows its readers what that one has written.
    case following
}

/// What a hub knows of the hubs that share its log.
struct Membership: Sendable, Equatable {
    /// Who may write, as the store said last; nil: it has not said anything yet.
    var view: LeaseView?
    /// False while this hub has not heard its store for ``Lease/patience``: what it knows of the log, and of who may read it, is
    /// then too old to answer anybody.
    var hearsStore = false
    /// Whether no hub was there before this one, and none has written since.
    var isFirst = false
}

/// From one role to the other.
extension HubCore {
    /// Whether anybody is answered.
    var isAnswering: Bool { membership?.hearsStore ?? true }

    /// This hub shares its log: it follows until it is told that it may write.
    mutating func share() {
        role = .following
        membership = Membership()
    }

    mutating func observed(_ view: LeaseView) {
        if let membership, membership.view == nil {
            self.membership?.isFirst = view.isFree || view.holder.isEmpty || view.holder == hub
        }
        membership?.view = view
    }

    /// Since a hub was there last, as far as this one knows; nil: one always was.
    var outage: Outage? { membership?.isFirst ?? true ? sinceLastRun : nil }

    /// - error: why the store is not heard, where that is known.
    mutating func hear(_ hearsStore: Bool, _ error: StoreError? = nil) {
        guard let before = membership?.hearsStore, before != hearsStore else { return }
        membership?.hearsStore = hearsStore
        if hearsStore {
            perform(.log(Notice(.storeHeard, .notice, "the store is heard; posts and readers are answered")))
        } else {
            let why = error.map { ": \($0)" } ?? ""
            perform(
                .log(
                    Notice(
                        .storeSilent, .error,
                        "the store was not heard for \(Lease.patience.components.seconds) s, and nobody is answered until it is\(why)"
                    )))
        }
    }

    /// Takes over what another hub has written, and publishes it as that one does.
    mutating func follow(_ followed: FollowedRecords) throws(StoreError) {
        guard role == .following else { return }
        do throws(LogEnd.Break) {
            try ingest.follow(followed)
        } catch {
            throw StoreError(
                operation: "follow", path: "the log", cause: .damaged, detail: error.detail,
                remedy:
                    "another hub has written what does not continue the log that this one knows; borderwire-hub verify says more"
            )
        }
        publish(followed.records)
    }

    /// This hub may write from here on, where the log ends.
    mutating func became(_ start: WriterStart, at now: Timestamp) throws(StoreError) {
        guard start.state.log == end.log, start.state.offset == end.offset, start.state.hash == end.hash
        else {
            throw StoreError(
                operation: "begin to write", path: "the log", cause: .damaged,
                detail: "at offset \(end.offset) it is another than the one that this hub has followed")
        }
        role = .writing
        handover = Handover()
        listenAnew()
        begin(start, at: now)
        membership?.isFirst = false
        isLogWritable = true
        // What the former writer did not get to.
        perform(.erase([]))
        var notice = Notice(.leaseTaken, .notice, "this hub writes the log now, from offset \(end.offset) on")
        notice.offset = end.offset
        perform(.log(notice))
    }

    /// Takes over what was known of the log by who wrote it before, this hub or another.
    mutating func begin(_ start: WriterStart, at now: Timestamp) {
        ingest = Ingest(start.state, ids: start.ids)
        restore(start.sent, at: now)
        restore(start.responses)
        let settings = escalation.settings
        restore(start.escalation, outage: start.outage)
        // They may have changed since.
        escalation.follow(settings)
    }

    /// Another hub may write, or nobody knows what became of the last batch: none of it is told to anybody.
    mutating func lostLease(_ why: String) {
        guard role == .writing else { return }
        role = .following
        handover = Handover()
        ingest = Ingest(following: end)
        responses = Responses()
        escalation = Escalation(escalation.settings)
        giveUpNotices()
        for order in orders { refuseElsewhere(order.peer, order.request) }
        orders = []
        for peer in links.leavePosts() { refuseElsewhere(peer, nil) }
        var notice = Notice(.leaseLost, .warning, "this hub writes the log no more: \(why)")
        notice.offset = end.offset
        perform(.log(notice))
    }

    /// The hub that writes is another.
    mutating func refuseElsewhere(_ peer: [UInt8], _ request: UInt64?) {
        let view = membership?.view.flatMap { $0.isFree || $0.holder.isEmpty || $0.holder == hub ? nil : $0 }
        let holder = view?.holder
        var refused = Reply.Refused(
            request: request, code: .elsewhere,
            reason: holder.map { "\($0) is the hub that writes the log now" }
                ?? "no hub writes the log now: one of them takes it over")
        refused.hub = holder
        perform(.reply(to: peer, .refused(refused)))
    }

    // MARK: Hellos

    /// Those that have come and are to be welcomed.
    mutating func takeGreetings() -> [Greeting] {
        defer { greetings = [] }
        return greetings
    }

    /// The log is known here as far as it went after the hello had come.
    mutating func meet(_ greeting: Greeting, at now: Timestamp) {
        guard let identity = registry.identity(user: greeting.user) else {
            return refuse(
                greeting.peer, greeting.hello.request, .grant, "this key is not in the registry, or no longer"
            )
        }
        hello(greeting.hello, identity, greeting.peer, greeting.address, at: now)
    }

    mutating func refuseUnheard(_ peer: [UInt8], _ request: UInt64?) {
        refuse(
            peer, request, .unavailable, "this hub does not hear its store, and answers nobody until it does")
    }
}
