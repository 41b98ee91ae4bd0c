internal import Alerts
internal import Wire

/// Alerts on their way into as few messages as the hub takes them in.
struct OutgoingAlerts {
    /// nil: each goes alone.
    private let coding: IngestBatch.Coding?
    /// Alerts of a compressed batch: over a line of 9,600 bit/s they take a second or two, and the first answer with them.
    static let mostThin = 8
    private var batch = IngestBatch()
    /// Of a batch that has one: it goes alone where nothing is gained.
    private var single: [[UInt8]] = []
    private var messages: [[[UInt8]]] = []

    init(_ coding: IngestBatch.Coding?) { self.coding = coding }

    mutating func add(_ topic: Topic, _ signed: SignedAlert) {
        let alone = IngestMessage.frames(topic: topic, signed)
        guard coding != nil else { return messages.append(alone) }
        if coding == .zstd, batch.count == OutgoingAlerts.mostThin { close() }
        if !batch.add(topic, signed) {
            close()
            guard batch.add(topic, signed) else { return messages.append(alone) }
        }
        single = alone
    }

    /// All that was added since the last time, in its order.
    mutating func take() -> [[[UInt8]]] {
        close()
        defer { messages = [] }
        return messages
    }

    private mutating func close() {
        defer { batch = IngestBatch() }
        guard batch.count > 0, let coding else { return }
        if batch.count > 1 || coding == .zstd, let frames = batch.frames(coding) {
            messages.append(frames)
        } else {
            messages.append(single)
        }
    }
}
