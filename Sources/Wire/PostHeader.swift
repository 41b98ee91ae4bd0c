public import Alerts

/// What a post says of an alert outside its payload: which of its alerts it is. Signed together with the payload, so
/// that a captured alert can't be sent again under another number (PROTOCOL.md, "Post header").
public struct PostHeader: Sendable, Equatable {
    /// The post's name, as in the registry: 1 to ``WireLimits/postName`` bytes of `a-z`, `0-9` and `-`.
    public var post: String
    /// Random, made with the post's outbox; never 0.
    public var epoch: UInt64
    /// From 1, dense within the epoch.
    public var sequence: UInt64
    /// When the post queued it, by the post's own clock.
    public var queued: Timestamp

    public init(post: String, epoch: UInt64, sequence: UInt64, queued: Timestamp) {
        self.post = post
        self.epoch = epoch
        self.sequence = sequence
        self.queued = queued
    }

    public func encoded() -> [UInt8] {
        let name = Array(post.utf8.prefix(WireLimits.postName))
        var writer = ByteWriter(reserving: 29 + name.count)
        Preamble.put(.alert, into: &writer)
        writer.put(epoch)
        writer.put(sequence)
        writer.put(queued.milliseconds)
        writer.put(UInt8(name.count))
        writer.put(name)
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = ByteReader(bytes)
        try Preamble.check(.alert, in: &reader)
        epoch = try reader.takeNumber(atLeast: 1, "epoch")
        sequence = try reader.takeNumber(atLeast: 1, "sequence")
        queued = Timestamp(milliseconds: try reader.take(Int64.self, "queued"))
        let length = Int(try reader.take(UInt8.self, "post name"))
        guard (1...WireLimits.postName).contains(length) else {
            throw Malformed("post name: \(length) bytes, 1 to \(WireLimits.postName) are allowed")
        }
        let name = try reader.take(count: length, "post name")
        guard name.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        else {
            throw Malformed("post name: only a-z, 0-9 and - are allowed")
        }
        guard reader.isAtEnd else { throw Malformed("post header: bytes after its end") }
        post = String(decoding: name, as: UTF8.self)
    }
}

/// What a post signs begins with this line, then the header, then the payload: no other signed thing can be taken for an
/// alert.
public let signedPrefix = Array("borderwire alert v1\n".utf8)
