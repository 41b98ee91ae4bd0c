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
        guard header.facts.references.count <= PostHeader.mostReferences,
            header.additions.count <= PostHeader.longestExtension
        else { return "carries more than its limit" }
        guard header.facts.difference(from: header.facts) == nil else { return "differs from itself" }
        return (1...WireLimits.postName).contains(header.post.utf8.count) ? nil : "the name is past its limit"
    }

    func ingest(_ frames: [[UInt8]]) -> String? {
        guard let message = try? IngestMessage(frames: frames) else { return nil }
        let again = IngestMessage.frames(
            topic: message.topic,
            SignedAlert(
                header: message.header.encoded(), payload: message.signed.payload,
                signature: message.signed.signature))
        return again == frames ? nil : "encodes to other bytes"
    }

    func batch(_ frames: [[UInt8]]) -> String? {
        guard let messages = try? IngestBatch.messages(in: frames) else { return nil }
        guard (1...WireLimits.batchAlerts).contains(messages.count),
            messages.joined().reduce(0, { $0 + $1.count }) <= WireLimits.batchBytes
        else { return "holds more than a batch may" }
        var again = IngestBatch()
        for message in messages {
            guard let one = try? IngestMessage(frames: message), again.add(one.topic, one.signed) else {
                return nil
            }
        }
        for coding in IngestBatch.Coding.allCases {
            guard let written = again.frames(coding), (try? IngestBatch.messages(in: written)) == messages
            else {
                return "is another when written again"
            }
        }
        return nil
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
            where max(item.signed.header.count, item.signed.payload.count, item.signed.signature.count)
                > WireLimits.piece
            {
                return "a piece is past its limit"
            }
        }
        return nil
    }

    func page(_ bytes: [UInt8]) -> String? {
        guard let records = try? PageRecord.decode(bytes) else { return nil }
        guard PageRecord.encode(records) == bytes else { return "encodes to other bytes" }
        return records.allSatisfy {
            $0.signed.payload.isEmpty == ($0.erased?.count == PageRecord.digestLength)
        }
            ? nil : "an erased content is there, or one that is not there has no digest"
    }

    /// What a reader has shown, as the hub keeps it.
    func ranges(_ bytes: [UInt8]) -> String? {
        guard let ranges = try? SequenceRanges(decoding: bytes) else { return nil }
        guard ranges.encoded == bytes else { return "encodes to other bytes" }
        guard SequenceRanges(ranges.ranges.reversed()) == ranges else { return "two of them are one" }
        guard let first = ranges.ranges.first, let last = ranges.ranges.last else { return nil }
        guard first.lowerBound >= 1, last.upperBound <= WireLimits.number else { return "out of its numbers" }
        return ranges.contains(first.lowerBound) && ranges.contains(last.upperBound)
            && !ranges.contains(last.upperBound + 1)
            ? nil : "does not find its own ends"
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

    /// A frame alone is a seal of the golden message. Of three, key, message and seal are all the input's own. Messages after
    /// a seed and a place are sealed here, and then one bit of the first seal is changed.
    func seal(_ frames: [[UInt8]]) -> String? {
        if frames.count == 1 {
            return complaint(of: frames[0], over: Sample.header, by: Sample.signing.verifyingKey)
        }
        if frames.count == 3, let key = VerifyingKey(bytes: frames[0]), frames[1].first != 0 {
            return complaint(of: frames[2], over: frames[1], by: key)
        }
        guard frames.count >= 3 else { return nil }
        // Each is numbered: a seal is also one of an equal message at another place of its run.
        let messages = frames.dropFirst(2).enumerated().map { [UInt8(truncatingIfNeeded: $0)] + $1 }
        return sealed(messages, seed: frames[0], place: frames[1])
    }

    private func complaint(of seal: [UInt8], over header: [UInt8], by key: VerifyingKey) -> String? {
        var checker = SealChecker()
        let digest = Sample.digest
        let isGood = checker.check(seal, over: header, digest: digest, by: key)
        // Nothing is remembered of one alone, and checking it costs as much again.
        guard isGood || seal.count != Seal.shortest else { return nil }
        guard checker.check(seal, over: header, digest: digest, by: key) == isGood else {
            return "is taken once"
        }
        if isGood, checker.check(seal, over: header + [0], digest: digest, by: key) {
            return "seals two messages"
        }
        return !isGood || seal.count <= WireLimits.seal ? nil : "is past its limit"
    }

    private func sealed(_ messages: [[UInt8]], seed: [UInt8], place: [UInt8]) -> String? {
        let seed = (seed + Array(repeating: 0, count: SigningKey.seedLength)).prefix(SigningKey.seedLength)
        guard let key = SigningKey(seed: Array(seed)), let message = messages.first else { return nil }
        let seals = Seal.sign(messages.map { ($0, Sample.digest) }, with: key)
        guard seals.count == messages.count, var changed = seals.first, changed.count <= WireLimits.seal
        else {
            return "are others than the messages"
        }
        var checker = SealChecker()
        guard checker.check(changed, over: message, digest: Sample.digest, by: key.verifyingKey) else {
            return "is not taken"
        }
        let bit = place.prefix(2).reduce(0) { $0 << 8 | Int($1) } % (changed.count * 8)
        changed[bit / 8] ^= 1 << (bit % 8)
        return checker.check(changed, over: message, digest: Sample.digest, by: key.verifyingKey)
            ? "is taken when changed" : nil
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
