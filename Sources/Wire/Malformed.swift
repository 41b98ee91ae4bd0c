/// Bytes that are not what the protocol says: which part, and what is wrong with it.
///
/// Whoever receives them drops or refuses the message, counts it, and goes on.
public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
    /// With which whoever sent them is refused: `malformed`, `version`, `size` or `unsupported`.
    public let code: ReasonCode
    public let description: String
    /// Of code `version`: the version of the protocol that the message is of.
    public let version: UInt8?

    public init(_ description: String, code: ReasonCode = .malformed, version: UInt8? = nil) {
        self.code = code
        self.description = description
        self.version = version
    }
}
