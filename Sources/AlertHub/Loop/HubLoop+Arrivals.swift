internal import AlertStore
internal import Alerts
internal import Identity
internal import Platform
internal import Wire
internal import ZeroMQ

/// What arrives: handshakes, requests, alerts, and what the queryWorker has done. From each a bounded part a tick, by number and by
/// time.
extension HubLoop {
    /// Messages taken from one socket per tick, so that none starves the others.
    static let mostPerTick = 512
    /// Alerts taken per tick: between them the loop looks whether a commit is done, whose acknowledgements posts wait for.
    static let alertsPerTick = 64
    /// Time for requests, and for alerts, per tick: however much each of them costs, the other has its turn.
    static let longestTurn = Duration.milliseconds(4)

    /// How soon a handshake that is held is looked at again, and how many are.
    static let heldPause = Duration.milliseconds(1)
    static let mostHeld = 4_096

    /// A handshake, and what comes of it when its turn comes.
    struct HeldHandshake: Sendable {
        var request: ZAPRequest
        /// nil: it is refused.
        var user: String?
        var account: String
    }

    func admit(at now: Timestamp) throws(ZeroMQError) {
        for turn in 0..<HubLoop.mostPerTick {
            guard let message = try zapReceiver.receive(from: sockets.zap) else { return }
            // A connection is accepted before it asks.
            if turn == 0 { try noteAccepted() }
            guard let request = ZAPRequest(message.frames) else {
                guard message.frames.count > 3 else { continue }
                let back = ZAPRequest.Return(route: message.frames[0], id: message.frames[3])
                _ = try sockets.zap.send(ZAPRequest.reply(to: back, .refused))
                continue
            }
            let admission = core.admit(domain: request.domain, key: request.key)
            if admission.user == nil {
                core.drop(
                    .stranger, peer: "\(request.address) \(request.domain)",
                    "a handshake on \(request.domain) was refused: \(admission.reason)",
                    at: now)
            }
            // The operator's commands are of the work that the reserve is for.
            if let user = admission.user, user != core.operatorUser, connections.isShort {
                _ = try sockets.zap.send(ZAPRequest.reply(to: request.back, .later))
                continue
            }
            guard let user = admission.user, let event = core.audit(domain: request.domain, user: user) else {
                try answer(request, user: admission.user, at: now)
                continue
            }
            // The answer comes from the queryWorker, once it is recorded who was let in.
            if !queryWorker.submit(ZAPRequest.Arrival(request: request, user: user, event: event)) {
                _ = try sockets.zap.send(ZAPRequest.reply(to: request.back, .later))
            }
        }
    }

    /// Those whose turn has come, one of each identity after the other.
    func admitHeld(at now: Timestamp) throws(ZeroMQError) {
        guard held.count > 0 else { return }
        watch.name()
        for _ in 0..<held.count {
            guard let next = held.popFirst() else { return }
            try answer(next, at: now)
        }
    }

    private func answer(
        _ request: ZAPRequest, user: String?, at now: Timestamp
    ) throws(ZeroMQError) {
        let account = user.map { core.account(of: $0) } ?? PeerConnections.strangers
        try answer(HeldHandshake(request: request, user: user, account: account), at: now)
    }

    private func answer(_ handshake: HeldHandshake, at now: Timestamp) throws(ZeroMQError) {
        let verdict: ZAPRequest.Verdict
        switch watch.ask(handshake.account, handshake.request) {
        case .letIn: verdict = handshake.user.map { .letIn(user: $0) } ?? .refused
        case .wait where held.count < HubLoop.mostHeld:
            return held.append(handshake, of: handshake.account)
        case .wait: verdict = .later
        case .full:
            core.isFull(handshake.account, at: now)
            verdict = .later
        }
        _ = try sockets.zap.send(ZAPRequest.reply(to: handshake.request.back, verdict))
    }

    private func noteAccepted() throws(ZeroMQError) {
        for (descriptor, domain) in try sockets.accepted(receiver) {
            watch.accepted(descriptor, domain: domain)
        }
    }

    /// What has come and gone on the connections meanwhile.
    func seeConnections(at now: Timestamp) throws(ZeroMQError) {
        try noteAccepted()
        for breach in watch.takeBreaches() {
            guard let account = breach.account, account != PeerConnections.strangers else { continue }
            core.exceeded(breach.resource, account, breach.words, at: now)
        }
    }

    /// An answer on control, unless its asker leaves too many unread.
    func answer(_ peer: [UInt8], _ frames: [[UInt8]], at now: Timestamp) throws(ZeroMQError) {
        guard watch.send(frames, to: peer) else { return core.isUnread(watch.account(of: peer), at: now) }
        // What libzmq has not taken waits nowhere.
        if try sockets.answer(peer, frames) != .sent { watch.unsend(frames, to: peer) }
    }

    func takeControl(at now: Timestamp) throws(ZeroMQError) {
        let end = steadyClock() + HubLoop.longestTurn
        for _ in 0..<HubLoop.mostPerTick {
            guard let message = try controlReceiver.receive(from: sockets.control.socket) else { return }
            guard let peer = message.frames.first else { continue }
            watch.took(from: message.descriptor, route: peer, account: core.account(of: message.user ?? ""))
            core.controlled(
                Array(message.frames.dropFirst()), from: peer, user: message.user, address: message.address,
                at: now)
            if steadyClock() >= end { return }
        }
    }

    /// Once for all that the operator has ordered since.
    func takeOrders(at now: Timestamp) throws {
        let error = core.carryOutOrders(at: now, log: ids) { randomBytes($0) }
        if let error, error.cause != .locked { throw error }
    }

    func takeIngest(at now: Timestamp) throws {
        let end = steadyClock() + HubLoop.longestTurn
        for _ in 0..<HubLoop.alertsPerTick where !core.isBatchFull {
            guard let message = try receiver.receive(from: sockets.ingest.socket) else { return }
            watch.took(from: message.descriptor)
            let error = core.ingested(
                message.frames, excess: message.excess, user: message.user, at: now, log: ids)
            // Another's lock is waited out, as with a commit; after any other failure the disk can't be trusted.
            if let error, error.cause != .locked { throw error }
            if steadyClock() >= end { return }
        }
    }

    /// Whom the registry has lost meanwhile is told so, and gets nothing that waited for it.
    func sendAnswers(at now: Timestamp) throws(ZeroMQError) {
        let done = queryWorker.collect()
        for (arrival, isRecorded) in done.arrivals {
            let request = arrival.request
            let isKnown = core.admit(domain: request.domain, key: request.key).user != nil
            guard isRecorded || !isKnown else {
                _ = try sockets.zap.send(ZAPRequest.reply(to: request.back, .later))
                continue
            }
            try answer(request, user: isKnown ? arrival.user : nil, at: now)
        }
        for answer in done.answers {
            guard let reason = core.answered(answer.asker) else {
                try self.answer(answer.asker.peer, answer.frames, at: now)
                continue
            }
            try refuse(answer.asker, answer.request, .grant, reason, at: now)
        }
    }

    func submit(_ query: LogQuery, at now: Timestamp) throws(ZeroMQError) {
        let isBehind = watch.isBehind(query.asker.account)
        guard isBehind || !queryWorker.submit(query) else { return }
        _ = core.answered(query.asker)
        if isBehind { core.isUnread(query.asker.account, at: now) }
        guard query.request != 0 else { return }
        let reason = isBehind ? "answers to you are not read" : "too many requests wait: ask again"
        try refuse(query.asker, query.request, .busy, reason, at: now)
    }

    private func refuse(
        _ asker: Asker, _ request: UInt64, _ code: ReasonCode, _ reason: String, at now: Timestamp
    ) throws(ZeroMQError) {
        let refused = Reply.Refused(request: request == 0 ? nil : request, code: code, reason: reason)
        try answer(asker.peer, Reply.refused(refused).frames(), at: now)
    }
}
