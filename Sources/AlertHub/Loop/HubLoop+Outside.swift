internal import AlertStore
internal import Alerts
internal import Identity
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// What a turn takes from sockets and threads, and does to them.
extension HubLoop: HubOutside {
    var isShortOfDescriptors: Bool { connections.isShort }

    func steady() -> Duration { steadyClock() }
    func random(_ count: Int) -> [UInt8] { randomBytes(count) }

    // MARK: What has come

    func nextHandshake() throws -> Handshake? {
        while let message = try zapReceiver.receive(from: sockets.zap) {
            // The connections are looked at first, since each is accepted before its handshake asks.
            if !isAcceptedNoted { try noteAccepted() }
            isAcceptedNoted = true
            if let handshake = Handshake(zap: message.frames) { return handshake }
            guard message.frames.count > 3 else { continue }
            let back = Handshake.Return(route: message.frames[0], id: message.frames[3])
            _ = try sockets.zap.send(ZAP.reply(to: back, .refused))
        }
        return nil
    }

    func nextRequest() throws -> PeerMessage? {
        while let message = try controlReceiver.receive(from: sockets.control.socket) {
            guard let peer = message.frames.first else { continue }
            return PeerMessage(
                frames: Array(message.frames.dropFirst()), peer: peer, user: message.user,
                address: message.address, connection: message.descriptor)
        }
        return nil
    }

    func took(_ request: PeerMessage, of account: String) {
        watch.took(from: request.connection, route: request.peer, account: account)
    }

    func nextAlert() throws -> PeerMessage? {
        if let next = unpacked.popLast() { return next }
        guard let message = try receiver.receive(from: sockets.ingest.socket) else { return nil }
        watch.took(from: message.descriptor)
        // What is no good batch is for the core to drop.
        guard IngestBatch.isBatch(message.frames), message.excess == 0,
            let messages = try? IngestBatch.messages(in: message.frames)
        else { return PeerMessage(frames: message.frames, excess: message.excess, user: message.user) }
        unpacked = messages.reversed().map { PeerMessage(frames: $0, user: message.user) }
        return unpacked.popLast()
    }

    func collect() -> (answers: [LogAnswer], arrivals: [(Handshake.Arrival, isRecorded: Bool)]) {
        queryWorker.collect()
    }

    func noteAccepted() throws(ZeroMQError) {
        for (descriptor, domain) in try sockets.accepted(receiver) {
            watch.accepted(descriptor, domain: domain)
        }
    }

    // MARK: What is done

    func commit(_ batch: Batch) -> CommitOutcome? {
        guard shared != nil || batch.rows > LogWriter.small else {
            return HubLoop.outcome(writer.commit(batch))
        }
        writer.begin(batch)
        return nil
    }

    func nextNews() -> SharedNews? { shared?.nextNews() }
    func reopenLog() { opened.reopen() }

    func order(_ order: SharedOrder) {
        switch order {
        case .lease: shared?.order(order)
        case .handOver, .takeHandedOver, .removeHandedOver: shared?.order(order)
        case .readEscalations(let certain): shared?.readEscalations(certain: certain)
        case .follow(let offset): shared?.follow(after: offset)
        case .release:
            writer.begin { store in
                try? store?.close()
                store = nil
            }
        }
    }

    func finishedCommit() -> CommitOutcome? { writer.outcome().map(HubLoop.outcome) }

    private static func outcome(_ outcome: LogWriter.Outcome) -> CommitOutcome {
        (outcome.error, outcome.took)
    }

    func perform(_ action: Action, at moment: Moment) throws -> Consequence? {
        switch action {
        case .publish(let domain, let frames): try sockets.publish(domain: domain, frames)
        case .reply(let peer, let reply): return try answer(peer, reply.frames())
        case .send(let peer, let frames): return try answer(peer, frames)
        case .look(let peer, let reply, let pending):
            return .session(pending, isThere: try sockets.answer(peer, reply.frames()) != .gone)
        case .read(let query):
            let isBehind = watch.isBehind(query.asker.account)
            if isBehind || !queryWorker.submit(query) { return .unasked(query, isBehind: isBehind) }
        case .identify: watch.name()
        case .place(let pending): return .placed(pending, watch.ask(pending.account, pending.handshake))
        case .record(let arrival): if !queryWorker.submit(arrival) { return .unrecorded(arrival) }
        case .answer(let back, let verdict): _ = try sockets.zap.send(ZAP.reply(to: back, verdict))
        case .open(let feed):
            // At the start the range of ports is checked against the grants. A grant that is made later may find no free port,
            // which only its readers feel.
            do throws(Failure) {
                return .bound(domain: feed.domain, port: try open(feed, at: moment.steady))
            } catch {
                tell(.feedNotOpened, .error, "\(error); it is tried again each second")
            }
        case .close(let domain): sockets.close(domain: domain)
        case .rebind(let domain): sockets.rebind(domain: domain, at: moment.steady)
        case .erase(let offsets): purge.carryOut(offsets)
        case .log(let notice): tell(notice)
        }
        return nil
    }

    /// An answer on control, unless its asker leaves too many unread.
    private func answer(_ peer: [UInt8], _ frames: [[UInt8]]) throws(ZeroMQError) -> Consequence? {
        guard watch.send(frames, to: peer) else { return .unread(account: watch.account(of: peer)) }
        // What libzmq did not take is not queued, so it must not count as unread.
        if try sockets.answer(peer, frames) != .sent { watch.unsend(frames, to: peer) }
        return nil
    }

    func open(_ feed: Feed, at steady: Duration) throws(Failure) -> Int {
        let port: Int?
        do throws(ZeroMQError) {
            port = try sockets.open(domain: feed.domain, at: steady)
        } catch {
            throw Failure(error)
        }
        guard let port else {
            throw Failure(
                "no port is free in listen.feeds for the readers of \(feed.grant.texts.joined(separator: ", "))",
                remedy: "widen listen.feeds: each distinct read grant needs one", status: .config)
        }
        connections.watch(sockets.ports)
        return port
    }
}
