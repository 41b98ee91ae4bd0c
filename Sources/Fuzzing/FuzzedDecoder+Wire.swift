internal import Alerts
internal import AlertStore
internal import Identity
internal import Wire

/// Frames: a message that is taken has one form, so it comes out as the same bytes. Bodies on control are JSON, which has
/// many; they come out as the same value.
extension FuzzedDecoder {
    func postHeader(_ bytes: [UInt8]) -> String? {
        guard let header = try? PostHeader(decoding: bytes) else { return nil }
        guard header.encoded() == bytes else { return "encodes to other bytes" }
        return (1...WireLimits.postName).contains(header.post.utf8.count) ? nil : "the name is past its limit"
    }

    func ingest(_ frames: [[UInt8]]) -> String? {
        guard let message = try? IngestMessage(frames: frames) else { return nil }
        let again = IngestMessage.frames(
            topic: message.topic, header: message.header.encoded(), payload: message.payload,
            signature: message.signature)
        return again == frames ? nil : "encodes to other bytes"
    }

    func feed(_ frames: [[UInt8]]) -> String? {
        guard let message = try? FeedMessage(frames: frames) else { return nil }
        switch message {
        case .heartbeat(let heartbeat):
            guard heartbeat.frames() == Array(frames.prefix(3)) else { return "encodes to other bytes" }
        case .delivery(let topic, let delivery):
            guard [Array(topic.name.utf8), delivery.encoded()] == Array(frames.prefix(2)) else {
                return "encodes to other bytes"
            }
            for item in delivery.alerts
            where max(item.header.count, item.payload.count, item.signature.count) > WireLimits.requestFrame {
                return "a piece is past its limit"
            }
        }
        return nil
    }

    func page(_ bytes: [UInt8]) -> String? {
        guard let records = try? PageRecord.decode(bytes) else { return nil }
        return PageRecord.encode(records) == bytes ? nil : "encodes to other bytes"
    }

    func request(_ frames: [[UInt8]]) -> String? {
        let number = Request.number(in: frames)
        guard let request = try? Request(frames: frames) else { return nil }
        guard (try? Request(frames: request.frames())) == request else { return "reads anew as another" }
        return number == request.number ? nil : "its number is another when read alone"
    }

    func reply(_ frames: [[UInt8]]) -> String? {
        guard let reply = try? Reply(frames: frames) else { return nil }
        return (try? Reply(frames: reply.frames())) == reply ? nil : "reads anew as another"
    }

    func topic(_ bytes: [UInt8]) -> String? {
        guard let topic = Topic(String(decoding: bytes, as: UTF8.self)) else { return nil }
        guard topic.name.utf8.elementsEqual(bytes) else { return "is written otherwise" }
        return bytes.count <= Topic.longestName ? nil : "is past its limit"
    }

    /// A seal of a fixed key, over a fixed message.
    func seal(_ bytes: [UInt8]) -> String? {
        guard let key = SigningKey(seed: Array(0..<32))?.verifyingKey else { return "the key is no key" }
        var checker = SealChecker()
        let first = checker.check(bytes, over: Sample.message, by: key)
        // The second time it is remembered.
        guard checker.check(bytes, over: Sample.message, by: key) == first else { return "is taken once" }
        if first, checker.check(bytes, over: Sample.message + [0], by: key) { return "seals two messages" }
        return !first || bytes.count <= WireLimits.seal ? nil : "is past its limit"
    }

    /// Columns of the log.
    func packing(_ bytes: [UInt8]) -> String? {
        let deliveries = Packing.deliveries(bytes.span.bytes)
        if let deliveries {
            let packed = Packing.pack(deliveries)
            guard Packing.deliveries(packed.span.bytes) == deliveries else {
                return "deliveries are others anew"
            }
            let topics = Set(deliveries.prefix(1).map(\.topic))
            guard Packing.contains(bytes.span.bytes, anyOf: topics) == !deliveries.isEmpty else {
                return "a topic is not found"
            }
        }
        if let references = Packing.references(bytes.span.bytes) {
            let packed = Packing.pack(references)
            guard Packing.references(packed.span.bytes) == references else {
                return "references are others anew"
            }
        }
        return nil
    }
}
