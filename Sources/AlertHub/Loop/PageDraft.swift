internal import Alerts
internal import AlertStore
internal import Wire

/// A page of the log as it is read, in the bytes of its reply.
struct PageDraft: PageSink {
    private let wanted: Set<UInt32>
    /// What was committed after the question came is left to the live feed, whose topics the asker knows by then.
    private let through: UInt64
    private var writer: PageWriter
    /// The last sequence of each topic.
    private var last: [UInt32: UInt64] = [:]

    /// Of a record beyond its bytes, that the page need not grow for it.
    private static let overhead = 131_072

    init(wanted: Set<UInt32>, through: UInt64, bytes: Int) {
        self.wanted = wanted
        self.through = through
        writer = PageWriter(reserving: min(bytes, WireLimits.pageBytes) + PageDraft.overhead)
    }

    var count: Int { writer.count }
    var bytes: [UInt8] { writer.bytes }

    mutating func add(
        offset: UInt64, received: Timestamp, deliveries: [Record.Delivery], header: RawSpan, payload: RawSpan,
        erased: RawSpan, signature: RawSpan
    ) {
        guard offset <= through else { return }
        var shown: [Heads.Entry] = []
        shown.reserveCapacity(deliveries.count)
        for delivery in deliveries where wanted.contains(delivery.topic) {
            last[delivery.topic] = delivery.sequence
            shown.append(Heads.Entry(topic: delivery.topic, sequence: delivery.sequence))
        }
        writer.add(
            offset: offset, received: received, deliveries: shown, header: header, payload: payload,
            erased: erased, signature: signature)
    }

    /// What a page that isn't the last one names: the topics of its records.
    func topics(_ granted: [UInt32: Topic]) -> [Reply.TopicSequence] {
        last.sorted { $0.key < $1.key }.compactMap { number, sequence in
            granted[number].map { Reply.TopicSequence(topic: $0.name, number: number, sequence: sequence) }
        }
    }
}
