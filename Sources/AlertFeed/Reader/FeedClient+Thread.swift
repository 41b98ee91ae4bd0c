public import Alerts
internal import Identity
internal import LogProof
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// One alert, and those that update or cancel it.
extension FeedClient {
    /// What there was of them.
    public struct Extent: Sendable, Equatable {
        public var alerts = 0
        /// Of them what is over and was left out.
        public var over = 0
        /// Of them what would change it and is by another post than the author.
        public var others = 0
        /// The hub has more than it looks at for one alert.
        public var isCut = false
    }

    /// Asks for an alert and what refers to it, page by page: what its author wrote first, by offset, then what others did.
    /// How each stands is as of the last one (``Lookahead``).
    /// - isActiveOnly: whether what is over is left out. tell: gets sentences for whoever runs the program.
    /// - Returns: no alerts when there is no such alert, or none that the identity may read.
    public static func find(
        _ id: AlertID, _ settings: ReaderSettings, provinces: ProvinceDirectory, isActiveOnly: Bool = false,
        tell: @escaping (String) -> Void = { _ in }, _ show: (ReadAlert) throws -> Void
    ) throws -> Extent {
        try AlertInquiry(settings, provinces: provinces, tell: tell).find(
            id, isActiveOnly: isActiveOnly, show)
    }
}

extension AlertInquiry {
    /// An alert and what refers to it: as ``FeedClient/find(_:_:provinces:isActiveOnly:tell:_:)``.
    public func find(
        _ id: AlertID, isActiveOnly: Bool = false, _ show: (ReadAlert) throws -> Void
    ) throws -> FeedClient.Extent {
        let keyring = try keyring()
        var extent = FeedClient.Extent()
        var standings = Standings()
        var seals = SealChecker()
        var lookahead = Lookahead()
        var time = Timestamp(milliseconds: wallClockMilliseconds())
        func give() throws {
            while let batch = lookahead.take() {
                for var read in batch.alerts {
                    read.standing = read.standing(in: standings, at: time)
                    if isActiveOnly, read.standing.map({ $0.state != .active }) ?? true {
                        extent.over += 1
                    } else {
                        try show(read)
                    }
                }
            }
        }
        var hasOthers = false
        for part in [Request.Find.Part.author, .others] where part == .author || hasOthers {
            var after: UInt64 = 0
            while true {
                let (page, records) = try ask(id, part, after: after)
                if let hubTime = page.time { time = Timestamp(milliseconds: hubTime) }
                var batch = FeedBatch(first: nil, head: page.head)
                for streamed in records.compactMap({ streamed($0, page) }) {
                    let header = try? PostHeader(decoding: streamed.signed.header)
                    var read = ReadAlert(
                        streamed, header, streamed.read(provinces), keyring, &seals, hub: hub.keys)
                    standings.take(read, header)
                    read.authorship = standings.authorship(of: header)
                    batch.alerts.append(read)
                    extent.alerts += 1
                    let isOperators = read.action != nil && read.check == .valid
                    let isChange = !(read.facts?.changes ?? []).isEmpty
                    if part == .others, isChange, !isOperators { extent.others += 1 }
                }
                lookahead.put(batch)
                try give()
                hasOthers = (page.others ?? 0) > 0
                extent.isCut = page.beyond ?? false
                guard page.through < page.head, page.through > after else { break }
                after = page.through
            }
        }
        lookahead.end()
        try give()
        return extent
    }

    func ask(
        _ id: AlertID, _ part: Request.Find.Part, after: UInt64, destination: String? = nil
    ) throws -> (Reply.Page, [PageRecord]) {
        let reply = try call.ask { number in
            .find(
                Request.Find(
                    request: number, alert: id.description, part: part, after: after, destination: destination
                ))
        }
        do throws(Malformed) {
            if case .page(let page, let bytes) = reply { return (page, try PageRecord.decode(bytes)) }
        } catch { throw ReaderFailure.broken(error.description) }
        throw ReaderFailure.unexpected
    }

    func streamed(_ record: PageRecord, _ page: Reply.Page) -> StreamedAlert? {
        for delivery in record.deliveries {
            guard let name = page.topics.first(where: { $0.number == delivery.topic })?.topic,
                let topic = Topic(name)
            else { continue }
            return StreamedAlert(
                offset: record.offset, topic: topic, topicSequence: delivery.sequence,
                received: record.received, signed: record.signed,
                erased: record.erased)
        }
        return nil
    }
}
