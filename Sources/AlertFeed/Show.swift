public import Alerts
internal import Identity
internal import Platform
internal import Printable
internal import Settings
internal import Wire
internal import ZeroMQ

/// `borderwire show`: one alert, and those that update or cancel it.
public enum Show {
    /// How long the hub may take to answer.
    public static let patience = Duration.seconds(10)

    /// By offset; empty when there is no such alert, or none that the identity may read.
    public static func find(
        _ id: AlertID, _ settings: ReaderSettings, provinces: ProvinceDirectory
    ) throws -> [ReadAlert] {
        let keys = try KeyFiles.readSecret(settings.key.path)
        let hub = try KeyFiles.readPublic(settings.hub.key.path)
        let keyring = try settings.keyring()
        do {
            let sockets = try FeedSockets(settings.hub, keys, hub: hub)
            let (page, records) = try ask(id, sockets)
            let names = Dictionary(page.topics.map { ($0.number, $0.topic) }) { first, _ in first }
            var seals = SealChecker()
            return records.compactMap { record in
                for delivery in record.deliveries {
                    guard let topic = names[delivery.topic].flatMap({ Topic($0) }) else { continue }
                    let streamed = StreamedAlert(
                        offset: record.offset, topic: topic, topicSequence: delivery.sequence,
                        received: record.received, header: record.header, payload: record.payload,
                        signature: record.signature)
                    return ReadAlert(streamed, keyring, provinces, &seals)
                }
                return nil
            }
        } catch let error as ZeroMQError {
            throw ReaderFailure(error)
        }
    }

    private static func ask(_ id: AlertID, _ sockets: FeedSockets) throws -> (Reply.Page, [PageRecord]) {
        _ = try sockets.control.watched.socket.send(
            Request.find(Request.Find(request: 1, alert: id.description)).frames())
        let receiver = Receiver(mostFrames: WireLimits.frames)
        let end = steadyClock() + patience
        var items = [PollItem(sockets.control.watched.socket), PollItem(sockets.control.watched.events)]
        while steadyClock() < end {
            _ = try poll(&items, timeout: end - steadyClock())
            while let event = try sockets.control.event(receiver, at: steadyClock()) {
                if event == .refused { throw ReaderFailure.notAuthorised }
            }
            guard let message = try receiver.receive(from: sockets.control.watched.socket) else { continue }
            do {
                switch try Reply(frames: message.frames) {
                case .page(let page, let bytes): return (page, try PageRecord.decode(bytes))
                case .refused(let refused):
                    throw ReaderFailure(
                        "the hub refuses: \(printable(refused.reason))", status: .noPermission)
                default: continue
                }
            } catch let error as Malformed {
                throw ReaderFailure("the hub does not keep to the protocol: \(error)", status: .software)
            }
        }
        throw ReaderFailure(
            "the hub can't be reached", remedy: "see [hub] in the settings, and the network",
            status: .unavailable)
    }
}
