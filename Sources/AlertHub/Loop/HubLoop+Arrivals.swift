internal import AlertStore
internal import Alerts
internal import Platform
internal import Wire
internal import ZeroMQ

/// What arrives: handshakes, requests, alerts, and what the desk has done. From each a bounded part a tick, by number and by
/// time.
extension HubLoop {
    /// Messages taken from one socket per tick, so that none starves the others.
    static let mostPerTick = 512
    /// Alerts taken per tick: between them the loop looks whether a commit is done, whose acknowledgements posts wait for.
    static let alertsPerTick = 64
    /// Time for requests, and for alerts, per tick: however much each of them costs, the other has its turn.
    static let longestTurn = Duration.milliseconds(4)

    func admit(at now: Timestamp) throws(ZeroMQError) {
        for _ in 0..<HubLoop.mostPerTick {
            guard let message = try zapReceiver.receive(from: sockets.zap) else { return }
            guard let request = ZAPRequest(message.frames) else {
                guard message.frames.count > 3 else { continue }
                let back = ZAPRequest.Return(route: message.frames[0], id: message.frames[3])
                _ = try sockets.zap.send(ZAPRequest.reply(to: back, .refused))
                continue
            }
            let admission = core.admit(domain: request.domain, key: request.key)
            if admission.user == nil {
                core.drop(
                    "stranger", peer: "\(request.address) \(request.domain)",
                    "a handshake on \(request.domain) was refused: \(admission.reason)",
                    at: now)
            }
            // The operator's commands are of the work that the reserve is for.
            if let user = admission.user, user != core.operatorUser, connections.isShort {
                _ = try sockets.zap.send(ZAPRequest.reply(to: request.back, .later))
                continue
            }
            guard let user = admission.user, let event = core.audit(domain: request.domain, user: user) else {
                let verdict = admission.user.map { ZAPRequest.Verdict.letIn(user: $0) } ?? .refused
                _ = try sockets.zap.send(ZAPRequest.reply(to: request.back, verdict))
                continue
            }
            // The answer comes from the desk, once it is recorded who was let in.
            if !desk.submit(ZAPRequest.Arrival(request: request, user: user, event: event)) {
                _ = try sockets.zap.send(ZAPRequest.reply(to: request.back, .later))
            }
        }
    }

    func takeControl(at now: Timestamp) throws(ZeroMQError) {
        let end = steadyClock() + HubLoop.longestTurn
        for _ in 0..<HubLoop.mostPerTick {
            guard let message = try controlReceiver.receive(from: sockets.control) else { return }
            guard let peer = message.frames.first else { continue }
            core.controlled(
                Array(message.frames.dropFirst()), from: peer, user: message.user, address: message.address,
                at: now)
            if steadyClock() >= end { return }
        }
    }

    func takeIngest(at now: Timestamp) throws {
        let end = steadyClock() + HubLoop.longestTurn
        for _ in 0..<HubLoop.alertsPerTick where !core.isBatchFull {
            guard let message = try receiver.receive(from: sockets.ingest) else { return }
            let error = core.ingested(
                message.frames, excess: message.excess, user: message.user, at: now, log: ids)
            // Another's lock is waited out, as with a commit; after any other failure the disk can't be trusted.
            if let error, error.cause != .locked { throw error }
            if steadyClock() >= end { return }
        }
    }

    /// Whom the registry has lost meanwhile is told so, and gets nothing that waited for it.
    func sendAnswers() throws(ZeroMQError) {
        let done = desk.collect()
        for (arrival, isRecorded) in done.arrivals {
            let request = arrival.request
            let isKnown = core.admit(domain: request.domain, key: request.key).user != nil
            let verdict: ZAPRequest.Verdict =
                !isKnown ? .refused : isRecorded ? .letIn(user: arrival.user) : .later
            _ = try sockets.zap.send(ZAPRequest.reply(to: request.back, verdict))
        }
        for answer in done.answers {
            guard let reason = core.answered(answer.asker) else {
                try sockets.answer(answer.asker.peer, answer.frames)
                continue
            }
            try refuse(answer.asker, answer.request, "grant", reason)
        }
    }

    func submit(_ reading: Reading) throws(ZeroMQError) {
        guard !desk.submit(reading) else { return }
        _ = core.answered(reading.asker)
        guard reading.request != 0 else { return }
        try refuse(reading.asker, reading.request, "busy", "too many requests wait: ask again")
    }

    private func refuse(
        _ asker: Asker, _ request: UInt64, _ code: String, _ reason: String
    ) throws(ZeroMQError) {
        let refused = Reply.Refused(request: request == 0 ? nil : request, code: code, reason: reason)
        try sockets.answer(asker.peer, Reply.refused(refused).frames())
    }
}
