internal import Identity

/// Which very bytes of an alert the hub has seen (PROTOCOL.md, "refused"): a post tells by it whether they were its own.
package func alertDigest(header: [UInt8], payload: [UInt8], seal: [UInt8]) -> [UInt8] {
    blake2b(header, payload, seal)
}
