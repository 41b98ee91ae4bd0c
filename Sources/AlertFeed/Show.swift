public import Alerts
internal import Identity
internal import Settings
internal import Wire
internal import ZeroMQ

/// `borderwire show`: one alert, and those that update or cancel it.
public enum Show {
    /// By offset; empty when there is no such alert, or none that the identity may read.
    public static func find(
        _ id: AlertID, _ settings: ReaderSettings, provinces: ProvinceDirectory
    ) throws -> [ReadAlert] {
        let keys = try KeyFiles.readSecret(settings.key.path)
        let hub = try KeyFiles.readPublic(settings.hub.key.path)
        let keyring = try settings.keyring(with: hub)
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
                        erased: record.erased, signature: record.signature)
                    return ReadAlert(streamed, keyring, provinces, &seals)
                }
                return nil
            }
        } catch let error as ZeroMQError {
            throw ReaderFailure(error)
        }
    }

    private static func ask(_ id: AlertID, _ sockets: FeedSockets) throws -> (Reply.Page, [PageRecord]) {
        let reply = try ControlCall(sockets).ask {
            .find(Request.Find(request: $0, alert: id.description))
        }
        guard case .page(let page, let bytes) = reply else { throw ReaderFailure.unexpected }
        do throws(Malformed) { return (page, try PageRecord.decode(bytes)) } catch {
            throw ReaderFailure("the hub does not keep to the protocol: \(error)", status: .software)
        }
    }
}
