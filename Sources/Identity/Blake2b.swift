internal import CSodium

/// BLAKE2b with 32 bytes of result and no key (RFC 7693), over the pieces as if they were one. Three times as fast as
/// SHA-256 here, which counts where the hub hashes each alert.
public func blake2b(_ pieces: [UInt8]...) -> [UInt8] {
    blake2b { message in
        for piece in pieces { message.put(piece) }
    }
}

/// The same over what the body puts: an array of arrays for some short pieces takes longer than their hash.
public func blake2b(_ body: (inout HashedMessage) -> Void) -> [UInt8] {
    startSodium()
    let length = Int(crypto_generichash_BYTES)
    // On the stack: so only for a size that the compiler knows, and no more than 16 bytes of alignment.
    return withUnsafeTemporaryAllocation(byteCount: 384 + 64, alignment: 16) { memory in
        guard let start = memory.baseAddress?.alignedUp(toMultipleOf: HashedMessage.alignment) else {
            return []
        }
        var message = HashedMessage(state: OpaquePointer(start))
        crypto_generichash_init(message.state, nil, 0, length)
        body(&message)
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            if let hash = buffer.baseAddress { crypto_generichash_final(message.state, hash, length) }
            initialized = length
        }
    }
}

/// The message of one hash while it is put together, piece by piece; nothing of it is kept.
public struct HashedMessage: ~Copyable {
    /// Of libsodium's state, whose type Swift can't import for it; and its bytes (crypto_generichash.h).
    fileprivate static let alignment = 64
    static let length = 384

    fileprivate let state: OpaquePointer

    public mutating func put(_ bytes: [UInt8]) { put(bytes.span) }

    public mutating func put(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { buffer in
            // No bytes may have no address.
            guard let start = buffer.baseAddress else { return }
            crypto_generichash_update(state, start, UInt64(buffer.count))
        }
    }

    public mutating func put(_ byte: UInt8) {
        withUnsafePointer(to: byte) { _ = crypto_generichash_update(state, $0, 1) }
    }

    /// Big-endian.
    public mutating func put(_ number: UInt64) {
        withUnsafeBytes(of: number.bigEndian) { put($0) }
    }

    public mutating func put(_ number: UInt32) {
        withUnsafeBytes(of: number.bigEndian) { put($0) }
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
        crypto_generichash_update(state, start, UInt64(bytes.count))
    }
}
