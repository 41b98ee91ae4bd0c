/// Bytes that are not what the protocol says: which part, and what is wrong with it.
///
/// Whoever receives them drops or refuses the message, counts it, and goes on.
public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Not this protocol, or not this shape of it.
        case malformed
        /// A protocol version that this program doesn't speak.
        case version
        /// Larger than a limit of ``WireLimits``.
        case size
        /// A verb on control that this program doesn't know: the other side is newer.
        case unknown
    }

    public let code: Code
    public let description: String

    public init(_ description: String, code: Code = .malformed) {
        self.code = code
        self.description = description
    }
}
