internal import Notation

/// All that a post, an analyst or the hub is known by, with its secrets.
public struct IdentityKeys: Sendable {
    /// See ``IdentityName``.
    public let name: String
    public let curve: CurveKeyPair
    public let signing: SigningKey

    public init(name: String, curve: CurveKeyPair = CurveKeyPair(), signing: SigningKey = SigningKey()) {
        self.name = name
        self.curve = curve
        self.signing = signing
    }

    public var publicKeys: PublicKeys {
        PublicKeys(name: name, curve: curve.publicKey, signing: signing.verifyingKey)
    }
}

/// What others need to know it by: safe to hand over, but over a channel that nobody can change it on.
public struct PublicKeys: Sendable, Hashable {
    public let name: String
    /// 32 raw bytes.
    public let curve: [UInt8]
    public let signing: VerifyingKey

    public init(name: String, curve: [UInt8], signing: VerifyingKey) {
        self.name = name
        self.curve = curve
        self.signing = signing
    }

    /// Sixteen hexadecimal digits in groups of four, to be compared by telephone: the beginning of a hash over both keys.
    public var fingerprint: String {
        let digits = Array(Array(sha256(curve, signing.bytes)[..<8]).hex)
        return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<min($0 + 4, digits.count)]) }
            .joined(separator: " ")
    }
}
