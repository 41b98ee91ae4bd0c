internal import CSodium

/// Bytes that must not linger: kept in memory of their own, between guard pages, out of swap and core files where the
/// system permits, and wiped when the last reference goes (sodium_malloc).
///
/// Unchecked because it holds a pointer; the memory is written before the initialiser returns and is read-only after.
final class SecretBytes: @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    let count: Int

    /// - fill: writes all of the bytes; they are zero before.
    init(count: Int, fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        startSodium()
        guard let memory = sodium_malloc(count) else { preconditionFailure("no memory for a secret key") }
        self.memory = memory
        self.count = count
        sodium_memzero(memory, count)
        fill(memory.assumingMemoryBound(to: UInt8.self))
        sodium_mprotect_readonly(memory)
    }

    convenience init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { memory in
            for (at, byte) in bytes.enumerated() { memory[at] = byte }
        }
    }

    deinit { sodium_free(memory) }

    /// The bytes themselves, for the length of the call.
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        body(UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)))
    }

    /// A copy, which nobody wipes.
    var copy: [UInt8] { withBytes { Array(UnsafeBufferPointer(start: $0, count: count)) } }
}
