public import Alerts
internal import Notation

/// What a post says of an alert outside its payload: which of the post's alerts it is, and what remains of it when its content
/// is erased. It is signed together with the payload (PROTOCOL.md, "Post header" and "Signature").
public struct PostHeader: Sendable, Equatable {
    /// Bytes of an alert's id, a UUID.
    public static let idLength = 16
    /// Ids that one alert refers to.
    public static let mostReferences = 32
    /// Bytes of what a later program adds.
    public static let longestExtension = 255

    /// The author's name, as in the registry: 1 to ``WireLimits/postName`` bytes of `a-z`, `0-9` and `-`. Of a notice by the
    /// hub's operator it is the hub's own name.
    public var post: String
    /// Random, made with the post's outbox; never 0.
    public var epoch: UInt64
    /// From 1, dense within the epoch.
    public var sequence: UInt64
    /// When the post queued it, by the post's own clock.
    public var queued: Timestamp
    /// What the alert is; the hub refuses an alert whose payload says otherwise.
    public var facts: AlertFacts
    /// What a later program has added: signed, kept, and ignored here.
    public var additions: [UInt8] = []
    /// Before those, a resolution's code stands behind this: its number among what is added, and its length.
    private static let resolutionMark: [UInt8] = [1, 1]

    public init(post: String, epoch: UInt64, sequence: UInt64, queued: Timestamp, facts: AlertFacts) {
        self.post = post
        self.epoch = epoch
        self.sequence = sequence
        self.queued = queued
        self.facts = facts
    }

    public func encoded() -> [UInt8] {
        let name = Array(post.utf8.prefix(WireLimits.postName))
        let references = facts.references.prefix(PostHeader.mostReferences)
        let resolution = facts.resolution.map { PostHeader.resolutionMark + [$0] } ?? []
        let additions = (resolution + additions).prefix(PostHeader.longestExtension)
        var writer = ByteWriter(reserving: 64 + name.count + 16 * references.count + additions.count)
        Preamble.put(.alert, into: &writer)
        writer.put(epoch)
        writer.put(sequence)
        writer.put(queued.milliseconds)
        writer.put(facts.expires.milliseconds)
        writer.put(facts.kind)
        writer.put(facts.messageType)
        writer.put(facts.status)
        writer.put(facts.id)
        writer.put(UInt8(name.count))
        writer.put(name)
        writer.put(UInt8(references.count))
        for reference in references { writer.put(reference) }
        writer.put(UInt8(additions.count))
        writer.put(Array(additions))
        return writer.bytes
    }

    /// The code of `msgType` in an encoded header, without a look at the rest; nil of what is too short.
    public static func messageType(in bytes: [UInt8]) -> UInt8? {
        bytes.count > messageTypePlace ? bytes[messageTypePlace] : nil
    }

    private static let messageTypePlace = 37

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = ByteReader(bytes)
        try Preamble.check(.alert, in: &reader)
        epoch = try reader.takeNumber(atLeast: 1, "epoch")
        sequence = try reader.takeNumber(atLeast: 1, "sequence")
        queued = Timestamp(milliseconds: try reader.take(Int64.self, "queued"))
        let expires = Timestamp(milliseconds: try reader.take(Int64.self, "expires"))
        let kind = try PostHeader.code("kind", &reader)
        let messageType = try PostHeader.code("msgType", &reader)
        let status = try PostHeader.code("status", &reader)
        let id = try reader.take(count: PostHeader.idLength, "id")
        post = try PostHeader.name(&reader)
        let count = Int(try reader.take(UInt8.self, "references"))
        guard count <= PostHeader.mostReferences else {
            throw Malformed("references: \(count), at most \(PostHeader.mostReferences)")
        }
        var references: [[UInt8]] = []
        for _ in 0..<count {
            references.append(try reader.take(count: PostHeader.idLength, "references"))
        }
        additions = try reader.take(count: Int(try reader.take(UInt8.self, "additions")), "additions")
        var resolution: UInt8?
        if additions.starts(with: PostHeader.resolutionMark),
            additions.count > PostHeader.resolutionMark.count
        {
            resolution = additions[PostHeader.resolutionMark.count]
            additions.removeFirst(PostHeader.resolutionMark.count + 1)
        }
        facts = AlertFacts(
            id: id, kind: kind, messageType: messageType, status: status, expires: expires,
            references: references, resolution: resolution)
        guard reader.isAtEnd else { throw Malformed("post header: bytes after its end") }
    }

    private static func code(_ field: String, _ reader: inout ByteReader) throws(Malformed) -> UInt8 {
        let code = try reader.take(UInt8.self, field)
        guard code >= 1 else { throw Malformed("\(field): 0 is out of range") }
        return code
    }

    private static func name(_ reader: inout ByteReader) throws(Malformed) -> String {
        let length = Int(try reader.take(UInt8.self, "post name"))
        guard (1...WireLimits.postName).contains(length) else {
            throw Malformed("post name: \(length) bytes, 1 to \(WireLimits.postName) are allowed")
        }
        let name = try reader.take(count: length, "post name")
        guard IdentityName.hasOnlyItsLetters(name) else {
            throw Malformed("post name: only a-z, 0-9 and - are allowed")
        }
        return String(decoding: name, as: UTF8.self)
    }
}
