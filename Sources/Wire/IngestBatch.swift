public import Alerts
internal import Zstandard

/// Several alerts of a post in one message on ingest, for a hub that takes such: `[topic of the first, batch header, body]`.
/// Each is what it would be alone; a batch saves frames, and a compressed one bytes (PROTOCOL.md, "Batches").
public struct IngestBatch: Sendable {
    public enum Coding: UInt8, Sendable, CaseIterable {
        case plain = 0
        /// zstd with ``dictionary``.
        case zstd = 1
    }

    /// Payloads of invented alerts, byte for byte the same at both ends.
    static let dictionary = PackageResources.ingest_dictionary_txt

    private var first: Topic?
    private var writer = ByteWriter(reserving: 4_096)
    public private(set) var count = 0

    public init() {}

    /// - Returns: false where there is no room for it; an alert that is too large for any batch goes alone.
    public mutating func add(_ topic: Topic, _ signed: SignedAlert) -> Bool {
        let size = topic.name.utf8.count + signed.size + 4 * 3
        guard count < WireLimits.batchAlerts, writer.bytes.count + size <= WireLimits.batchBytes else {
            return false
        }
        if first == nil { first = topic }
        count += 1
        writer.putPiece(Array(topic.name.utf8))
        writer.putPiece(signed.header)
        writer.putPiece(signed.payload)
        writer.putPiece(signed.signature)
        return true
    }

    /// The message; nil of an empty batch.
    public func frames(_ coding: Coding) -> [[UInt8]]? {
        guard let first else { return nil }
        var (coding, body) = (coding, writer.bytes)
        if coding == .zstd, let compressed = Zstandard.compress(body, dictionary: IngestBatch.dictionary) {
            body = compressed
        } else {
            coding = .plain
        }
        var header = ByteWriter(reserving: Preamble.length + 1)
        Preamble.put(.batch, into: &header)
        header.put(coding.rawValue)
        return [Array(first.name.utf8), header.bytes, body]
    }

    /// Whether a message is meant as a batch.
    public static func isBatch(_ frames: [[UInt8]]) -> Bool {
        frames.count == 3 && frames[1].count > Preamble.length - 1
            && frames[1][Preamble.length - 1] == Preamble.Form.batch.rawValue
    }

    /// The messages of its alerts, each as it would come alone; whether they are good is left to whoever takes them.
    public static func messages(in frames: [[UInt8]]) throws(Malformed) -> [[[UInt8]]] {
        guard frames.count == 3 else { throw Malformed("batch: \(frames.count) frames, expected 3") }
        var header = ByteReader(frames[1])
        try Preamble.check(.batch, in: &header)
        let code = try header.take(UInt8.self, "coding")
        guard let coding = Coding(rawValue: code) else {
            throw Malformed("coding: \(code) is not known to this program", code: .unsupported)
        }
        guard header.isAtEnd else { throw Malformed("batch header: bytes after its end") }
        guard let body = plain(frames[2], coding), body.count <= WireLimits.batchBytes else {
            throw Malformed("batch: no body of at most \(WireLimits.batchBytes) bytes")
        }
        var reader = ByteReader(body)
        var messages: [[[UInt8]]] = []
        while !reader.isAtEnd {
            guard messages.count < WireLimits.batchAlerts else {
                throw Malformed("batch: more than \(WireLimits.batchAlerts) alerts")
            }
            messages.append([
                try reader.takePiece("topic"), try reader.takePiece("post header"),
                try reader.takePiece("payload"),
                try reader.takePiece("seal"),
            ])
        }
        guard !messages.isEmpty else { throw Malformed("batch: no alert") }
        return messages
    }

    private static func plain(_ body: [UInt8], _ coding: Coding) -> [UInt8]? {
        switch coding {
        case .plain: body
        case .zstd:
            Zstandard.decompress(body, dictionary: dictionary, limit: WireLimits.batchBytes)
        }
    }
}
