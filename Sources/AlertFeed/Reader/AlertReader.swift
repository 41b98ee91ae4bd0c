internal import Alerts
internal import Identity
internal import LogProof
internal import Wire

/// Reads, selects and checks what comes out of a stream. A value: streamed alerts in offset order in, verified ones out.
struct AlertReader: Sendable {
    let filter: Filter
    /// nil: all.
    let words: SearchWords?
    let until: Until?
    let hub: KnownHub
    let provinces: ProvinceDirectory
    /// The hub's keys are added to it as they are now.
    let posts: PublicKeyring
    private var seals = SealChecker()
    private var authors = Authors()
    /// Begins anew with each reader: what came in an earlier run is not held against what comes in this one.
    private var order = PostOrder()
    /// Ids of what a search has shown.
    private var shown: Set<[UInt8]> = []
    /// What is asked for has ended.
    private(set) var isDone = false

    init(
        _ filter: Filter, _ words: SearchWords?, until: Until?, hub: KnownHub, posts: PublicKeyring,
        provinces: ProvinceDirectory
    ) {
        self.filter = filter
        self.words = words
        self.until = until
        self.hub = hub
        self.posts = posts
        self.provinces = provinces
    }

    /// - hubTime: when the hub was greeted, by its clock.
    mutating func read(_ alerts: [StreamedAlert], head: UInt64, hubTime: Timestamp) -> FeedBatch {
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
            authors.note(header)
            guard selects(streamed, header, alert) else { continue }
            // Of what is selected alone, since checking the seal takes longest.
            var read = ReadAlert(streamed, header, alert, keyring, &seals, hub: hubKeys)
            read.authorship = authors.authorship(of: header)
            if read.check != .invalid {
                // A filter lets numbers out, and changes no order.
                read.disorder = order.take(post: read.post, epoch: read.epoch, sequence: read.sequence)
            }
            if words != nil, let header { shown.insert(header.facts.id) }
            batch.alerts.append(read)
        }
        return batch
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
