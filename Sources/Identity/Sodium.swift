internal import CSodium

/// Starts libsodium, once. Everything in this target that calls it comes by here.
///
/// It fails only where the system has no source of randomness, or libsodium is no release of today's ABI: nothing here could
/// be trusted then.
func startSodium() { precondition(sodiumStarted, "libsodium can't start") }
private let sodiumStarted = sodium_init() >= 0 && crypto_generichash_statebytes() <= HashedMessage.length

/// Unpredictable bytes, from the system's source (randombytes_buf). From any thread.
public func randomBytes(_ count: Int) -> [UInt8] {
    startSodium()
    return [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, initialized in
        if let start = buffer.baseAddress { randombytes_buf(start, buffer.count) }
        initialized = buffer.count
    }
}

/// For an epoch or a log, where 0 means that there is none.
public func randomNonZeroUInt64() -> UInt64 {
    startSodium()
    var number: UInt64 = 0
    while number == 0 { randombytes_buf(&number, MemoryLayout<UInt64>.size) }
    return number
}

/// SHA-256 (FIPS 180-4) over the pieces as if they were one. 32 bytes.
public func sha256(_ pieces: [UInt8]...) -> [UInt8] { sha256(pieces) }

public func sha256(_ pieces: [[UInt8]]) -> [UInt8] {
    startSodium()
    var state = crypto_hash_sha256_state()
    crypto_hash_sha256_init(&state)
    for piece in pieces { crypto_hash_sha256_update(&state, piece, UInt64(piece.count)) }
    var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    crypto_hash_sha256_final(&state, &hash)
    return hash
}

/// The pieces in one run of bytes, for calls that need them so.
func joined(_ pieces: [[UInt8]]) -> [UInt8] {
    if pieces.count == 1 { return pieces[0] }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
    for piece in pieces { bytes.append(contentsOf: piece) }
    return bytes
}
