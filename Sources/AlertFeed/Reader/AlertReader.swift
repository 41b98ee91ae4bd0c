internal import Alerts
internal import Identity
internal import LogProof
internal import Wire

/// Reads, selects and checks what comes out of a stream. A value: streamed alerts in offset order in, verified ones out, those of
/// the backlog once all of it was read (``Lookahead``).
struct AlertReader: Sendable {
    let filter: Filter
    /// nil: all.
    let words: SearchWords?
    let until: Until?
    /// Whether what is over is left out of the backlog.
    let isActiveOnly: Bool
    let hub: KnownHub
    let provinces: ProvinceDirectory
    /// The hub's keys are added to it as they are now.
    let posts: PublicKeyring
    private var seals = SealChecker()
    private var standings = Standings()
    private var lookahead = Lookahead()
    /// Begins anew with each reader: what came in an earlier run is not held against what comes in this one.
    private var order = PostOrder()
    /// Ids of what a search has shown.
    private var shown: Set<[UInt8]> = []
    /// Ids of what was over and left out.
    private var leftOut: Set<[UInt8]> = []
    /// What is asked for has ended.
    private(set) var isDone = false
    /// Until all of the backlog was given out.
    private var hasBacklog = true
    /// When something was read last.
    private(set) var took = Duration.zero

    init(
        _ query: FeedClient.Query, hub: KnownHub, posts: PublicKeyring, provinces: ProvinceDirectory
    ) {
        filter = query.filter
        words = query.words
        until = query.until
        isActiveOnly = query.isActiveOnly
        self.hub = hub
        self.posts = posts
        self.provinces = provinces
    }

    /// - hubTime: when the hub was greeted, by its clock. now: steady.
    mutating func take(_ alerts: [StreamedAlert], head: UInt64, hubTime: Timestamp, _ now: Duration) {
        took = now
        let keyring = posts.with(hub)
        let hubKeys = hub.keys
        var batch = FeedBatch(first: alerts.first?.offset, head: head)
        for streamed in alerts {
            if let until, until.excludes(streamed, now: hubTime) {
                isDone = true
                break
            }
            batch.through = streamed.offset
            let alert = streamed.read(provinces)
            // What the header says, so that alerts whose content is erased count.
            let header = try? PostHeader(decoding: streamed.signed.header)
            let isSelected = selects(streamed, header, alert)
            // Only of what is shown or changes what is shown, since checking the seal takes longest.
            guard isSelected || header?.isOfOthers ?? false else {
                if let header, let id = AlertID(bytes: header.facts.id) {
                    standings.note(id, by: header.post, expires: header.facts.expires)
                }
                continue
            }
            var read = ReadAlert(streamed, header, alert, keyring, &seals, hub: hubKeys)
            standings.take(read, header)
            guard isSelected else { continue }
            read.authorship = standings.authorship(of: header)
            if read.check != .invalid {
                // A filter lets numbers out, and changes no order.
                read.disorder = order.take(post: read.post, epoch: read.epoch, sequence: read.sequence)
            }
            if words != nil, let header { shown.insert(header.facts.id) }
            batch.alerts.append(read)
        }
        lookahead.put(batch)
    }

    /// What may be given out; nil: nothing yet.
    /// - now: the hub's time.
    mutating func release(at now: Timestamp) -> FeedBatch? {
        guard var batch = lookahead.take() else {
            if lookahead.isOver { hasBacklog = false }
            return nil
        }
        for index in batch.alerts.indices {
            batch.alerts[index].standing = batch.alerts[index].standing(in: standings, at: now)
        }
        if isActiveOnly, hasBacklog { leaveOut(of: &batch) }
        return batch
    }

    /// What is held leaves, and nothing is held from here on.
    mutating func endBacklog() { lookahead.end() }

    /// All of the backlog was given out.
    var isThrough: Bool { lookahead.isOver && lookahead.isEmpty }

    /// Something is held until more was read.
    var isHolding: Bool { !lookahead.isEmpty }

    /// What is over, and what was said only of that: a Cancel of an alert that was shown is never left out.
    private mutating func leaveOut(of batch: inout FeedBatch) {
        batch.alerts.removeAll { read in
            guard let facts = read.facts else { return false }
            switch read.standing?.state {
            case .active?: return false
            case .updated?: return true
            case .cancelled?, .withdrawn?, .expired?:
                leftOut.insert(facts.id)
                return true
            case nil:
                return !facts.references.isEmpty
                    && facts.references.allSatisfy { leftOut.contains($0) }
            }
        }
    }

    private func selects(_ streamed: StreamedAlert, _ header: PostHeader?, _ alert: Alert?) -> Bool {
        // The operator's word is not to be missed: a search shows it where it is of what was shown.
        if let header, header.facts.notice != nil {
            guard let words else { return true }
            return header.facts.references.contains { shown.contains($0) }
                || words.occur(inUnread: streamed.signed.payload)
        }
        // There is nothing left in what was erased that could match.
        guard !streamed.signed.payload.isEmpty else { return filter == Filter() && words == nil }
        // What can't be read is shown: a filter must not hide what it can't judge.
        guard let alert else { return words?.occur(inUnread: streamed.signed.payload) ?? true }
        return filter.matches(alert) && (words?.occur(in: alert) ?? true)
    }
}

extension ReadAlert {
    /// - now: the hub's time.
    func standing(in standings: Standings, at now: Timestamp) -> Standing? {
        guard let facts, facts.hasStanding else { return nil }
        return AlertID(bytes: facts.id).flatMap { standings.standing(of: $0, at: now) }
    }
}
