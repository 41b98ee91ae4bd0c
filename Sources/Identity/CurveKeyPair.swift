internal import CSodium

/// A Curve25519 key pair, as ZeroMQ's CURVE takes it: 32 raw bytes each (RFC 7748, zmq_curve(7)).
public struct CurveKeyPair: Sendable {
    /// Bytes in either half.
    public static let length = 32

    public let publicKey: [UInt8]
    private let secret: SecretBytes

    /// A new one, from the system's randomness.
    public init() {
        var publicKey = [UInt8](repeating: 0, count: CurveKeyPair.length)
        secret = SecretBytes(count: CurveKeyPair.length) { memory in
            crypto_box_keypair(&publicKey, memory)
        }
        self.publicKey = publicKey
    }

    /// From its secret half, which gives the public one; nil unless that is 32 bytes.
    public init?(secretKey: [UInt8]) {
        guard secretKey.count == CurveKeyPair.length else { return nil }
        let secret = SecretBytes(secretKey)
        var publicKey = [UInt8](repeating: 0, count: CurveKeyPair.length)
        guard secret.withBytes({ crypto_scalarmult_base(&publicKey, $0) }) == 0 else { return nil }
        self.secret = secret
        self.publicKey = publicKey
    }

    /// For zmq_setsockopt. A copy, which nobody wipes: don't keep it.
    public var secretKey: [UInt8] { secret.copy }
}
