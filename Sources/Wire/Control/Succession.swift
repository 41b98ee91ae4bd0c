internal import Notation

/// The hub's word that other keys will follow its own, signed with the key that they follow (PROTOCOL.md, "The hub's keys").
public struct Succession: Sendable, Equatable, Codable {
    /// What is signed begins with this line.
    public static let signedPrefix = Array("borderwire hub key v2\n".utf8)
    /// Bytes of a public key, and of a signature.
    public static let keyLength = 32

    /// The hub's name, which stays.
    public var name: String
    /// The signing key that signs this, 32 bytes.
    public var former: HexBytes
    /// The keys that follow, 32 bytes each.
    public var curve: HexBytes
    public var signing: HexBytes
    /// When it was signed, ms since 1970.
    public var time: Int64
    /// 64 bytes, over ``signedPrefix`` and ``signedBytes``.
    public var signature: HexBytes

    public init(
        name: String, former: [UInt8], curve: [UInt8], signing: [UInt8], time: Int64, signature: [UInt8] = []
    ) {
        self.name = name
        self.former = HexBytes(former)
        self.curve = HexBytes(curve)
        self.signing = HexBytes(signing)
        self.time = time
        self.signature = HexBytes(signature)
    }

    /// The name comes last, and all before it has its fixed length: no two successions have the same bytes.
    public var signedBytes: [UInt8] {
        var writer = ByteWriter(reserving: 3 * Succession.keyLength + 8 + name.utf8.count)
        writer.put(former.bytes)
        writer.put(curve.bytes)
        writer.put(signing.bytes)
        writer.put(time)
        writer.put(Array(name.utf8))
        return writer.bytes
    }

    /// Whether all parts have their lengths; what signed it is another question.
    public var isWhole: Bool {
        [former, curve, signing].allSatisfy { $0.bytes.count == Succession.keyLength }
            && signature.bytes.count == SignedCheckpoint.signatureLength
            && (1...IdentityName.longest).contains(name.utf8.count)
    }
}

extension Reply {
    /// The keys that will follow the hub's own, where the reply tells of some.
    public var successor: Succession? {
        switch self {
        case .welcome(let body): body.successor
        case .alive(let body): body.successor
        default: nil
        }
    }
}
