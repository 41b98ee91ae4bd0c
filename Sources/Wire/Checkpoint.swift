public import Alerts

/// What the hub says of its log at an offset: everything up to there has this hash (PROTOCOL.md, "Checkpoint").
///
/// Whoever keeps one can find out later whether the log that the hub shows then is still a continuation of the one that
/// it showed before.
public struct Checkpoint: Sendable, Equatable {
    /// Bytes of a record's hash.
    public static let hashLength = 32
    /// Bytes of ``encoded()``.
    public static let length = 4 + 8 + 8 + 8 + 2 * hashLength
    /// What the hub signs begins with this line, then comes ``encoded()``.
    public static let signedPrefix = Array("borderwire checkpoint v2\n".utf8)

    public var log: UInt64
    public var offset: UInt64
    /// When the hub signed it, by its own clock.
    public var time: Timestamp
    /// Of the record at the offset; 32 zero bytes for offset 0.
    public var hash: [UInt8]
    /// Over the chains of all topics as they are at the offset; 32 bytes (PROTOCOL.md, "Chains").
    public var root: [UInt8]

    public init(log: UInt64, offset: UInt64, time: Timestamp, hash: [UInt8], root: [UInt8]) {
        self.log = log
        self.offset = offset
        self.time = time
        self.hash = hash
        self.root = root
    }

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: Checkpoint.length)
        Preamble.put(.checkpoint, into: &writer)
        writer.put(log)
        writer.put(offset)
        writer.put(time.milliseconds)
        writer.put(hash)
        writer.put(root)
        return writer.bytes
    }

    init(from reader: inout ByteReader) throws(Malformed) {
        try Preamble.check(.checkpoint, in: &reader)
        log = try reader.takeNumber(atLeast: 1, "log")
        offset = try reader.takeNumber("offset")
        time = Timestamp(milliseconds: try reader.take(Int64.self, "time"))
        hash = try reader.take(count: Checkpoint.hashLength, "hash")
        root = try reader.take(count: Checkpoint.hashLength, "root")
    }
}

/// A checkpoint with the hub's Ed25519 signature: one frame after a heartbeat's, or a JSON object on control.
public struct SignedCheckpoint: Sendable, Equatable {
    /// Bytes of an Ed25519 signature.
    public static let signatureLength = 64

    public var checkpoint: Checkpoint
    public var signature: [UInt8]

    public init(_ checkpoint: Checkpoint, signature: [UInt8]) {
        self.checkpoint = checkpoint
        self.signature = signature
    }

    public func encoded() -> [UInt8] { checkpoint.encoded() + signature }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = ByteReader(bytes)
        checkpoint = try Checkpoint(from: &reader)
        signature = try reader.take(count: SignedCheckpoint.signatureLength, "signature")
        guard reader.isAtEnd else { throw Malformed("checkpoint: bytes after its end") }
    }
}

extension SignedCheckpoint: Codable {
    private enum CodingKeys: String, CodingKey { case log, offset, time, hash, root, signature }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        checkpoint = Checkpoint(
            log: try values.decode(HexNumber.self, forKey: .log).value,
            offset: try values.decode(UInt64.self, forKey: .offset),
            time: Timestamp(milliseconds: try values.decode(Int64.self, forKey: .time)),
            hash: try values.decode(HexBytes.self, forKey: .hash).bytes,
            root: try values.decode(HexBytes.self, forKey: .root).bytes)
        signature = try values.decode(HexBytes.self, forKey: .signature).bytes
        guard checkpoint.log >= 1, checkpoint.log <= WireLimits.number,
            checkpoint.offset <= WireLimits.number,
            checkpoint.hash.count == Checkpoint.hashLength,
            checkpoint.root.count == Checkpoint.hashLength,
            signature.count == SignedCheckpoint.signatureLength
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a checkpoint"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(HexNumber(checkpoint.log), forKey: .log)
        try values.encode(checkpoint.offset, forKey: .offset)
        try values.encode(checkpoint.time.milliseconds, forKey: .time)
        try values.encode(HexBytes(checkpoint.hash), forKey: .hash)
        try values.encode(HexBytes(checkpoint.root), forKey: .root)
        try values.encode(HexBytes(signature), forKey: .signature)
    }
}
