internal import CSodium

/// The secret half of an Ed25519 key pair (RFC 8032). Sendable; the secret is wiped with the last reference.
public struct SigningKey: Sendable {
    /// Bytes in the seed that the key is made from.
    public static let seedLength = 32

    public let verifyingKey: VerifyingKey
    private let secret: SecretBytes

    /// From its seed; nil unless that is 32 bytes.
    public init?(seed: [UInt8]) {
        guard seed.count == SigningKey.seedLength else { return nil }
        var publicKey = [UInt8](repeating: 0, count: VerifyingKey.length)
        secret = SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES)) { memory in
            crypto_sign_seed_keypair(&publicKey, memory, seed)
        }
        verifyingKey = VerifyingKey(unchecked: publicKey)
    }

    /// A new one, from the system's randomness.
    public init() {
        var publicKey = [UInt8](repeating: 0, count: VerifyingKey.length)
        secret = SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES)) { memory in
            crypto_sign_keypair(&publicKey, memory)
        }
        verifyingKey = VerifyingKey(unchecked: publicKey)
    }

    /// A signature, 64 bytes, over the pieces as if they were one.
    public func sign(_ pieces: [UInt8]...) -> [UInt8] {
        let message = joined(pieces)
        var signature = [UInt8](repeating: 0, count: VerifyingKey.signatureLength)
        secret.withBytes { key in
            _ = crypto_sign_detached(&signature, nil, message, UInt64(message.count), key)
        }
        return signature
    }

    /// For the key file. A copy, which nobody wipes.
    var seed: [UInt8] { Array(secret.copy.prefix(SigningKey.seedLength)) }
}

/// The public half: tells whether a signature is that key's.
public struct VerifyingKey: Sendable, Hashable {
    /// Bytes in a public key.
    public static let length = 32
    /// Bytes in a signature.
    public static let signatureLength = 64

    public let bytes: [UInt8]

    /// nil unless that is 32 bytes. Any 32 bytes are taken: those that are no key verify nothing.
    public init?(bytes: [UInt8]) {
        guard bytes.count == VerifyingKey.length else { return nil }
        self.bytes = bytes
    }

    init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the signature was made by this key's owner over exactly these pieces, joined. False for a signature that is
    /// not 64 bytes. From any thread.
    public func verify(signature: [UInt8], over pieces: [UInt8]...) -> Bool {
        guard signature.count == VerifyingKey.signatureLength else { return false }
        startSodium()
        let message = joined(pieces)
        return crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
    }
}
