package import Alerts
package import AlertStore
internal import Identity
internal import LogProof
internal import Notation
internal import Wire

/// What a message on ingest leads to: it is staged for the next commit, refused, or dropped.
extension HubCore {
    /// A message on ingest.
    /// - user: the connection's user id; nil can't happen behind ZAP, and is dropped. log: what is committed.
    /// - Returns: why the log could not be read, where that was needed; the post is to send the alert again.
    @discardableResult
    package mutating func ingested(
        _ frames: [[UInt8]], excess: Int, user: String?, at now: Timestamp, log: any AlertReader
    ) -> StoreError? {
        guard let identity = user.flatMap({ registry.identity(user: $0) }) else {
            drop(.revoked, peer: user ?? "unknown", "its key is not in the registry", at: now)
            return nil
        }
        links.heard(identity.name, at: now)
        guard role == .writing else {
            drop(.elsewhere, peer: identity.name, "another hub writes the log now", at: now)
            return nil
        }
        counters.received &+= 1
        let message: IngestMessage
        do throws(Malformed) {
            message = try IngestMessage(frames: frames, excess: excess)
        } catch {
            drop(error.code, peer: identity.name, error.description, at: now)
            return nil
        }
        let header = message.header
        // Under the hub's own name nobody speaks but the hub, whatever the registry says.
        guard header.post == identity.name, header.post != hub else {
            drop(.identity, peer: identity.name, "it names \(header.post) as its post", at: now)
            return nil
        }
        guard !end.isFormer(epoch: header.epoch, of: header.post) else {
            drop(.epoch, peer: identity.name, "a later epoch has superseded the one it uses", at: now)
            return nil
        }
        // One name, one process: only who was welcomed under this name with this epoch sends under it.
        guard links.epoch(of: identity.name) == header.epoch else {
            drop(
                .session, peer: identity.name,
                "it is of an epoch that no process under this name was welcomed with", at: now)
            return nil
        }
        // Out of self while the closures use them: a copy beside the original would be copied whole when it changes.
        var seals = SealChecker()
        swap(&seals, &self.seals)
        var budgets = Budgets()
        swap(&budgets, &self.budgets)
        let latest = time.map { $0.latestSent } ?? nil
        var hold: Budgets.Hold?
        let digest = Seal.digest(of: message.signed.payload)
        let step = ingest.stage(
            header, at: now, received: clock(now), log: log,
            isSealed: { message.isSealed(by: identity, digest: digest, &seals) },
            hold: { beginsEpoch in
                hold = budgets.takeAlert(
                    of: header.post, bytes: message.signed.size, beginsEpoch: beginsEpoch, at: now)
                return hold?.wait
            },
            inspect: { [provinces] () throws(Rejection) in
                try inspect(
                    message, digest: digest, from: identity, provinces: provinces, latest: latest)
            })
        swap(&budgets, &self.budgets)
        swap(&seals, &self.seals)
        if header.sequence == 1 { notice(step, beginning: header, at: now) }
        switch step {
        case .staged, .repeated, .ignored: break
        case .refused(let code, let reason):
            let words = "refused sequence \(header.sequence) (\(code)): \(reason)"
            if var notice = drops.notice(.alertRefused, code.rawValue, peer: header.post, words, at: now) {
                notice.sequence = header.sequence
                perform(.log(notice))
            }
        case .duplicate:
            guard let peer = links.routing(of: identity.name), let user else { return nil }
            read(
                .duplicate(
                    post: header.post, epoch: header.epoch, sequence: header.sequence,
                    signature: message.signed.signature,
                    through: end.consumed(header.post, epoch: header.epoch)),
                for: Asker(peer: peer, user: user, account: identity.name, read: identity.read),
                request: 0, at: now)
        case .gap(var resume):
            if let hold {
                let words = "it sends \(self.budgets.words(of: hold.resource))"
                drop(hold.reason, peer: identity.name, words, at: now)
                if hold.isLong { resume.reason = words }
            }
            guard let peer = links.routing(of: identity.name) else { return nil }
            perform(.reply(to: peer, .resume(resume)))
        case .unsealed(let isNext): unsealed(message, isNext, at: now)
        case .superseded:
            drop(.epoch, peer: identity.name, "a later epoch has superseded the one it uses", at: now)
        case .unreadable(let error, let resume):
            if let peer = links.routing(of: identity.name) { perform(.reply(to: peer, .resume(resume))) }
            return error
        }
        return nil
    }

    /// Nothing is consumed, so that nobody without the post's signature uses up its numbers. The post is told which alert it
    /// was: if it is one of its own, it gives it up.
    private mutating func unsealed(_ message: IngestMessage, _ isNext: Bool, at now: Timestamp) {
        let header = message.header
        let words = "the signature does not verify with the key enrolled for \(header.post)"
        drop(.signature, peer: header.post, "sequence \(header.sequence): \(words)", at: now)
        // Of one behind it the post is told when its turn has come.
        guard isNext, let peer = links.tellUnsealed(header.post, header.sequence, at: now) else { return }
        var refused = Reply.Refused(request: nil, code: .signature, reason: words)
        refused.epoch = HexNumber(header.epoch)
        refused.sequence = header.sequence
        refused.alert = digest(of: message.signed).hex
        perform(.reply(to: peer, .refused(refused)))
    }

    /// The operator should know that a post's numbers begin anew: what its former outbox still held never comes.
    private mutating func notice(_ step: Ingest.Step, beginning header: PostHeader, at now: Timestamp) {
        switch step {
        case .staged, .repeated, .refused: break
        default: return
        }
        guard let former = end.positions[header.post], former.epoch != header.epoch else { return }
        let words =
            "begins a new epoch after sequence \(former.through) of the one before: its outbox was lost, or its operator asked "
            + "for it"
        if let notice = drops.notice(.epochBegun, "new-epoch", peer: header.post, words, at: now) {
            perform(.log(notice))
        }
    }
}
