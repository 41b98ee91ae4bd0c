package import Alerts
package import AlertStore
internal import Identity
internal import Wire

/// What the operator ordered of alerts of others.
struct NoticeOrder: Sendable {
    var peer: [UInt8]
    var request: UInt64
    var action: HubNotice.Action
    var targets: [AlertID]
    var reason: Text
}

/// Staged, and answered once it is on disk.
struct AwaitedNotice: Sendable {
    var peer: [UInt8]
    var request: UInt64
    var id: AlertID
}

/// The operator's word in the stream: notices that the hub signs itself, beside the alerts that they are about.
extension HubCore {
    /// Orders that wait for a batch, at most; a further one is answered `busy`.
    static let mostOrders = 256

    mutating func order(_ action: HubNotice.Action, _ body: Request.Order, _ peer: [UInt8]) {
        guard role == .writing else { return refuseElsewhere(peer, body.request) }
        guard signing != nil else {
            return refuse(peer, body.request, .unsupported, "this hub signs no notices")
        }
        guard registry.named(hub) == nil,
            !registry.identities.contains(where: { $0.users.contains(operatorUser) })
        else {
            return refuse(
                peer, body.request, .inUse,
                "the registry has an identity of the hub's own name or key: revoke it first")
        }
        let targets = body.alerts.compactMap { AlertID($0) }
        guard targets.count == body.alerts.count, Set(targets).count == targets.count,
            (1...PostHeader.mostReferences).contains(targets.count)
        else {
            return refuse(
                peer, body.request, .malformed,
                "alerts: 1 to \(PostHeader.mostReferences) ids, each a UUID and each once")
        }
        guard orders.count < HubCore.mostOrders else {
            return refuse(peer, body.request, .busy, "too many orders wait: ask again")
        }
        do throws(InvalidAlert) {
            let reason = try HubNotice.reason(body.reason, provinces: provinces)
            orders.append(
                NoticeOrder(
                    peer: peer, request: body.request, action: action, targets: targets, reason: reason))
        } catch {
            refuse(peer, body.request, .schema, error.description)
        }
    }

    /// What a post sent since a moment. Not while something of it is staged: what comes after its revocation and before
    /// this is then all in the log.
    mutating func sent(_ body: Request.Compromised, _ asker: Asker, at now: Timestamp) {
        // What of it is staged elsewhere nobody knows here.
        guard role == .writing else { return refuseElsewhere(asker.peer, body.request) }
        guard !ingest.isStaging(body.identity) else {
            return refuse(asker.peer, body.request, .busy, "alerts of it are being committed: ask again")
        }
        read(
            .sent(
                by: body.identity, since: Timestamp(milliseconds: body.since), after: body.after, hub: hub,
                topics: end.topics.count),
            for: asker, request: body.request, at: now)
    }

    /// Stages a notice for each order that can be carried out, and refuses the others.
    /// - random: makes so many random bytes. log: what is committed.
    /// - Returns: why the log could not be read, where that was needed.
    package mutating func carryOutOrders(
        at now: Timestamp, log: any AlertReader, random: (Int) -> [UInt8]
    ) -> StoreError? {
        let waiting = orders
        orders = []
        for order in waiting {
            guard let signing else { break }
            do throws(NoticeObstacle) {
                let id = AlertID(time: clock(now), random: random(AlertID.randomLength))
                // As every epoch: never 0, and within the range of numbers.
                let epoch = random(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & WireLimits.number | 1
                try ingest.stage(
                    order, id: id, by: hub, signing, beginning: epoch, at: clock(now), log: log)
                awaited.append(AwaitedNotice(peer: order.peer, request: order.request, id: id))
            } catch {
                switch error {
                case .rejection(let rejection):
                    refuse(order.peer, order.request, rejection.code, rejection.reason)
                case .unreadable(let error):
                    refuse(order.peer, order.request, .unavailable, "the hub can't read its log")
                    return error
                }
            }
        }
        return nil
    }

    /// Tells the operator, and whoever audits what the operator does, of notices that are on disk now.
    mutating func answerNotices(among records: [Record]) {
        guard !awaited.isEmpty else { return }
        for record in records where record.post == hub {
            guard let place = awaited.firstIndex(where: { $0.id.bytes == record.alert }) else { continue }
            let done = awaited.remove(at: place)
            perform(
                .reply(
                    to: done.peer,
                    .noticed(
                        Reply.Noticed(
                            request: done.request, offset: record.offset, id: done.id.description))))
            let header = try? PostHeader(decoding: record.signed.header)
            let word = header?.facts.notice == .erasure ? "ordered the erasure of" : "withdrew"
            var ids = record.references.compactMap { AlertID(bytes: $0)?.description }
            let more = ids.count - HubCore.idsNamed
            ids = Array(ids.prefix(HubCore.idsNamed))
            perform(
                .log(
                    Notice(
                        .operatorNotice, .notice,
                        "the operator \(word) \(record.references.count) alerts by the notice at offset \(record.offset): "
                            + ids.joined(separator: " ") + (more > 0 ? " and \(more) more" : ""),
                        reason: header?.facts.notice?.rawValue)))
        }
    }

    /// Ids that one log line names.
    private static let idsNamed = 4

    /// The commit failed, and nothing of it is stored.
    mutating func giveUpNotices() {
        for lost in awaited {
            refuse(lost.peer, lost.request, .unavailable, "the log can't be written: try again")
        }
        awaited = []
    }
}

enum NoticeObstacle: Error {
    case rejection(Rejection)
    case unreadable(StoreError)
}

extension Ingest {
    /// Stages what the operator ordered, signed by the hub, on all topics of the alerts that it is about.
    mutating func stage(
        _ order: NoticeOrder, id: AlertID, by hub: String, _ key: SigningKey, beginning epoch: UInt64,
        at time: Timestamp, log: any AlertReader
    ) throws(NoticeObstacle) {
        var topics: [Topic] = []
        var facts: AlertFacts?
        for (place, target) in order.targets.enumerated() {
            func object(_ rule: String) -> NoticeObstacle {
                .rejection(Rejection(code: .reference, reason: "alerts[\(place)]: \(rule)"))
            }
            let found: Record?
            do throws(StoreError) { found = try record(of: target.bytes, log) } catch {
                throw .unreadable(error)
            }
            guard let record = found else { throw object("the hub has no alert of this id") }
            guard record.post != hub else { throw object("a notice of the hub itself stands as it is") }
            guard let header = try? PostHeader(decoding: record.signed.header) else {
                throw object("its header is damaged")
            }
            let expires = max(facts?.expires ?? header.facts.expires, header.facts.expires)
            if let facts, facts.kind != header.facts.kind || facts.status != header.facts.status {
                throw object("of another kind or status than the first: each has a notice of its own")
            }
            facts = AlertFacts(
                id: id.bytes, kind: header.facts.kind, messageType: order.action.code,
                status: header.facts.status, expires: expires, references: order.targets.map(\.bytes))
            for topic in staged.topics(of: record) where !topics.contains(topic) { topics.append(topic) }
        }
        guard let facts else { return }
        let position = staged.positions[hub]
        let header = PostHeader(
            post: hub, epoch: position?.epoch ?? epoch, sequence: (position?.through ?? 0) + 1, queued: time,
            facts: facts)
        let headerBytes = header.encoded()
        let payload = HubNotice(
            id: id, sender: hub, sent: time, action: order.action, references: order.targets,
            reason: order.reason
        ).encoded()
        let digest = Seal.digest(of: payload)
        add(
            ValidatedAlert(
                header: header,
                signed: SignedAlert(
                    header: headerBytes, payload: payload,
                    signature: Seal.sign([(headerBytes, digest)], with: key)[0]),
                digest: digest, id: id.bytes,
                references: facts.references, topics: topics),
            at: time)
    }
}
