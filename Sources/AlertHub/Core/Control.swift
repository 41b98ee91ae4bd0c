package import Alerts
internal import AlertStore
internal import Identity
internal import LogProof
internal import Notation
internal import Wire

/// The core's answers on control.
extension HubCore {
    /// What a hello costs of the budget of requests: it is answered with the state of each topic.
    static let helloCost: Int64 = 20

    /// A message on control.
    /// - address: of the peer, for the log.
    package mutating func controlled(
        _ frames: [[UInt8]], from peer: [UInt8], user: String?, address: String? = nil, at now: Timestamp
    ) {
        let user = user ?? ""
        let identity = registry.identity(user: user)
        let isOperator = user == operatorUser
        let account = account(of: user)
        guard afford(1, account, peer, Request.number(in: frames), at: now) else { return }
        guard identity != nil || isOperator else {
            drop(.revoked, peer: user, "its key is not in the registry", at: now)
            return refuse(peer, nil, .grant, "this key is not in the registry, or no longer")
        }
        // Who may read what is not known any more; the operator may learn that.
        guard isAnswering || isOperator else { return refuseUnheard(peer, Request.number(in: frames)) }
        let name = identity?.name ?? "operator"
        let request: Request
        do throws(Malformed) {
            request = try Request(frames: frames)
        } catch {
            drop(error.code, peer: name, error.description, at: now)
            return refuse(peer, Request.number(in: frames), error.code, error.description)
        }
        let asker = Asker(peer: peer, user: user, account: account, read: identity?.read ?? .none)
        if request.isOperators {
            guard isOperator else {
                return refuse(peer, request.number, .grant, "this is for the hub's operator")
            }
            return operated(request, asker, at: now)
        }
        if isOperator, case .seen(let body) = request { return seen(body, nil, asker, at: now) }
        guard let identity else {
            return refuse(
                peer, request.number, .grant, "the hub's own key may only ask for what is the operator's")
        }
        links.heard(name, on: peer, at: now)
        switch request {
        case .hello(let body):
            guard afford(HubCore.helloCost - 1, account, peer, body.request, at: now) else { return }
            links.tookOver(body.successor?.bytes, name)
            let greeting = Greeting(hello: body, peer: peer, user: user, address: address ?? "unknown")
            if membership == nil { meet(greeting, at: now) } else { greetings.append(greeting) }
        case .alive(let body):
            if identity.sends { links.alive(name, body, at: now) }
            links.tookOver(body.successor?.bytes, name)
            hear(body.time, of: identity, at: now)
            var alive = Reply.Alive(request: body.request, time: clock(now).milliseconds)
            alive.checkpoint = checkpoint
            alive.successor = successor
            perform(.reply(to: peer, .alive(alive)))
        case .outcomes(let body):
            guard role == .writing else { return refuseElsewhere(peer, body.request) }
            outcomes(body, asker, at: now)
        case .seen(let body): seen(body, identity, asker, at: now)
        case .shown(let body): shown(body, identity, peer, at: now)
        case .silent(let body): silent(body, identity, peer)
        case .replay, .find, .related, .locate:
            guard !identity.read.isEmpty else {
                return refuse(peer, request.number, .grant, "\(name) may not read anything")
            }
            lookUp(request, identity, asker, at: now)
        case .checkpoint(let body): vouch(body, identity, asker, at: now)
        case .status, .withdraw, .erase, .compromised: break
        }
    }

    private mutating func operated(_ request: Request, _ asker: Asker, at now: Timestamp) {
        switch request {
        case .status(let body):
            read(.status(report(at: now)), for: asker, request: body.request, at: now)
        case .withdraw(let body): order(.withdrawal, body, asker.peer)
        case .erase(let body): order(.erasure, body, asker.peer)
        case .compromised(let body): sent(body, asker, at: now)
        default: break
        }
    }

    private mutating func vouch(
        _ body: Request.Checkpoint, _ identity: EnrolledIdentity, _ asker: Asker, at now: Timestamp
    ) {
        guard let signing else {
            return refuse(asker.peer, body.request, .unsupported, "this hub signs no checkpoints")
        }
        guard body.offset <= end.offset else {
            return refuse(
                asker.peer, body.request, .ahead,
                "the log ends at offset \(end.offset), before \(body.offset)")
        }
        guard let named = wanted(body.topics ?? [], "checkpoint", body.request, identity, asker.peer) else {
            return
        }
        let wanted = body.topics.map { $0.isEmpty ? topics(grantedBy: identity.read) : named }
        read(
            .checkpoint(
                offset: body.offset, topics: end.topics.count, wanted: wanted, at: clock(now), signing),
            for: asker, request: body.request, at: now)
    }

    /// The topics of a request by their numbers, as far as they have had a delivery; nil where it was refused.
    private mutating func wanted(
        _ names: [String], _ verb: String, _ request: UInt64, _ identity: EnrolledIdentity, _ peer: [UInt8]
    ) -> [UInt32: Topic]? {
        guard names.count <= WireLimits.topics else {
            refuse(peer, request, .size, "\(verb): at most \(WireLimits.topics) topics")
            return nil
        }
        var wanted: [UInt32: Topic] = [:]
        for name in names {
            guard let topic = Topic(name) else {
                refuse(peer, request, .malformed, "\(verb): \(name.prefix(60)) is no topic")
                return nil
            }
            guard identity.read.allows(topic) else {
                refuse(peer, request, .grant, "\(identity.name) may not read \(topic)")
                return nil
            }
            if let number = end.number(of: topic) {
                wanted[number] = topic
            } else if !places.contains("\(topic.country).\(topic.province)") {
                refuse(peer, request, .malformed, "\(verb): \(name.prefix(60)) is of no province known here")
                return nil
            }
        }
        return wanted
    }

    mutating func hello(
        _ body: Request.Hello, _ identity: EnrolledIdentity, _ peer: [UInt8], _ address: String,
        at now: Timestamp
    ) {
        if body.epoch != nil, identity.sends, role != .writing { return refuseElsewhere(peer, body.request) }
        if body.epoch != nil, identity.sends,
            let (session, other) = links.session(of: identity.name, before: body.instance, at: now)
        {
            let alive = Reply.Alive(request: session.request, time: clock(now).milliseconds)
            let pending = PendingHello(
                hello: body, identity: identity, peer: peer, address: address, session: session.address)
            return perform(.look(at: other, .alive(alive), pending))
        }
        welcome(body, identity, peer, address, at: now)
    }

    /// What came of ``Action/look(at:_:_:)``.
    package mutating func contended(_ pending: PendingHello, isSessionThere: Bool, at now: Timestamp) {
        let name = pending.identity.name
        guard isSessionThere else {
            return welcome(pending.hello, pending.identity, pending.peer, pending.address, at: now)
        }
        links.refused(name, secondMachine: pending.address, at: now)
        let words =
            "refused a second machine under the name \(name), at \(pending.address): the one at \(pending.session) is "
            + "alive. If both are meant to publish, each needs a name and keys of its own"
        if let notice = drops.counted(.secondMachine, .inUse, peer: name, words, at: now) {
            perform(.log(notice))
        }
        refuse(
            pending.peer, pending.hello.request, .inUse,
            "another machine publishes as \(name), from \(pending.session), and is alive: stop one of the two, or enrol "
                + "this one under a name of its own")
    }

    private mutating func welcome(
        _ body: Request.Hello, _ identity: EnrolledIdentity, _ peer: [UInt8], _ address: String,
        at now: Timestamp
    ) {
        var through: UInt64?
        if let epoch = body.epoch?.value {
            guard identity.sends else {
                return refuse(peer, body.request, .grant, "\(identity.name) may not publish anything")
            }
            guard !end.isFormer(epoch: epoch, of: identity.name) else {
                return refuse(
                    peer, body.request, .epoch, "a later epoch of \(identity.name) has superseded this one")
            }
            guard
                end.positions[identity.name]?.epoch == epoch
                    || budgets.isThere(of: .epochs, for: identity.name, at: now)
            else {
                let words = "\(identity.name) begins \(budgets.words(of: .epochs))"
                drop(.epochs, peer: identity.name, words, at: now)
                return refuse(peer, body.request, .epochs, words)
            }
            let known = end.consumed(identity.name, epoch: epoch)
            guard body.last ?? known >= known else {
                return refuse(
                    peer, body.request, .outboxBehind,
                    "the hub has sequence \(known) of this epoch, the outbox ends at \(body.last ?? 0): "
                        + "it was restored from an older copy")
            }
            through = known
            let session = body.instance.map {
                Links.Session(instance: $0, address: address, request: body.request, seen: now)
            }
            let former = links.greeted(
                identity.name, routing: peer, epoch: epoch, session, wantsRelated: body.related ?? false,
                at: now)
            // It hung, or its connection broke without a word: what it sends from here on is dropped.
            if let former {
                refuse(
                    former, nil, .inUse,
                    "another machine publishes as \(identity.name) now, from \(address): this one was not heard of"
                )
            }
            links.wants(answers: body.answers ?? false, identity.name)
            hear(body.time, of: identity, at: now)
        }
        let feed = Feed.domain(of: identity.read)
        var welcome = Reply.Welcome(
            request: body.request, identity: identity.name, log: HexNumber(end.log), offset: end.offset,
            time: clock(now).milliseconds, publish: identity.publish.texts, read: identity.read.texts,
            ingest: identity.sends ? ports[Domain.ingest] : nil,
            feed: identity.read.isEmpty ? nil : ports[feed], through: through,
            topics: sequences(grantedBy: identity.read))
        welcome.checkpoint = checkpoint
        welcome.successor = successor
        welcome.related = links.wantsRelated(identity.name) == nil ? nil : true
        if identity.sends { welcome.batches = IngestBatch.Coding.allCases.map(\.rawValue) }
        welcome.may = identity.may.map(\.rawValue).sorted()
        welcome.escalations = escalations(identity.read, atMost: WireLimits.escalations)
        perform(.reply(to: peer, .welcome(welcome)))
    }

    /// Who is not heard of is worth knowing to an enemy, as is who looks at nothing: one grant is for both.
    private mutating func silent(_ body: Request.Silent, _ identity: EnrolledIdentity, _ peer: [UInt8]) {
        guard identity.may.contains(.receipts) else {
            return refuse(peer, body.request, .grant, "\(identity.name) may not know which posts are silent")
        }
        let posts = registry.identities.compactMap { post -> Reply.Silent.Post? in
            guard let since = silence.since[post.name], post.publish.overlaps(identity.read) else {
                return nil
            }
            return Reply.Silent.Post(post: post.name, since: clock(since).milliseconds)
        }.sorted { ($1.since, $0.post) < ($0.since, $1.post) }
        var answer = Reply.Silent(request: body.request, posts: Array(posts.prefix(WireLimits.silent)))
        answer.more = posts.count > WireLimits.silent ? true : nil
        perform(.reply(to: peer, .silent(answer)))
    }

    private mutating func outcomes(_ body: Request.Outcomes, _ asker: Asker, at now: Timestamp) {
        guard body.from >= 1, body.from <= body.through, body.through <= WireLimits.number,
            body.through - body.from < WireLimits.outcomes
        else {
            return refuse(
                asker.peer, body.request, .size, "outcomes: 1 to \(WireLimits.outcomes) sequences, ascending"
            )
        }
        read(
            .outcomes(
                post: asker.account, epoch: body.epoch.value, sequences: body.from...body.through,
                through: end.consumed(asker.account, epoch: body.epoch.value)),
            for: asker, request: body.request, at: now)
    }

    /// Bytes at which a page asked for now ends.
    private func pageBytes(at now: Timestamp) -> Int {
        let age = clock(now).milliseconds - end.received.milliseconds
        return (0..<HubCore.live).contains(age) ? WireLimits.livePageBytes : WireLimits.pageBytes
    }

    private mutating func lookUp(
        _ request: Request, _ identity: EnrolledIdentity, _ asker: Asker, at now: Timestamp
    ) {
        let peer = asker.peer
        let granted = topics(grantedBy: identity.read)
        switch request {
        case .replay(let body):
            guard let named = wanted(body.topics, "replay", body.request, identity, peer) else { return }
            let wanted = Set((body.topics.isEmpty ? granted : named).keys)
            let limit = min(max(body.limit ?? WireLimits.pageAlerts, 1), WireLimits.pageAlerts)
            read(
                .page(
                    after: min(body.after, WireLimits.number), wanted: wanted, limit: limit,
                    bytes: pageBytes(at: now), granted: granted),
                for: asker, request: body.request,
                audit: AuditEvent(
                    identity: identity.name, action: .replay,
                    subject: body.topics.isEmpty ? "all that is granted" : HubCore.list(body.topics)),
                at: now)
        case .find(let body):
            guard let id = AlertID(body.alert) else {
                return refuse(peer, body.request, .malformed, "find: an alert's id is a UUID")
            }
            if let destination = body.destination, !IdentityName.isValid(destination) {
                return refuse(
                    peer, body.request, .malformed, "find: destination \(IdentityName.rule)")
            }
            read(
                .thread(
                    alert: id.bytes, part: body.part, after: body.after ?? 0, granted: granted,
                    all: identity.publish.isEmpty ? [:] : topics(grantedBy: .all), at: clock(now)),
                for: asker, request: body.request,
                audit: AuditEvent(
                    identity: identity.name, action: .find,
                    subject: id.description + (body.destination.map { " for \($0)" } ?? "")), at: now)
        case .related(let body): related(body, identity, asker, at: now)
        case .locate(let body):
            let since = Timestamp(milliseconds: body.since)
            read(
                .locate(since: since), for: asker, request: body.request,
                audit: AuditEvent(identity: identity.name, action: .locate, subject: since.rfc3339()),
                at: now)
        default: break
        }
    }

    /// Topics that an audit event names; of more it says how many.
    private static let topicsNamed = 20

    static func list(_ topics: [String]) -> String {
        // In one order, so that the same topics are the same subject.
        let topics = Set(topics).sorted()
        let more = topics.count - topicsNamed
        return topics.prefix(topicsNamed).joined(separator: " ") + (more > 0 ? " and \(more) more" : "")
    }

    mutating func refuse(_ peer: [UInt8], _ request: UInt64?, _ code: ReasonCode, _ reason: String) {
        perform(.reply(to: peer, .refused(Reply.Refused(request: request, code: code, reason: reason))))
    }

    func topics(grantedBy grant: Grant) -> [UInt32: Topic] {
        var granted: [UInt32: Topic] = [:]
        for head in end.heads where grant.allows(head.topic) { granted[head.number] = head.topic }
        return granted
    }

    private func sequences(grantedBy grant: Grant) -> [Reply.TopicSequence] {
        end.heads.filter { grant.allows($0.topic) }.map {
            Reply.TopicSequence(topic: $0.topic.name, number: $0.number, sequence: $0.sequence)
        }
    }
}
