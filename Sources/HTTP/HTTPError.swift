internal import Glibc

/// Why a server could not be started: what was done, to what, and the error number.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    public let operation: String
    /// `address:port`, an IPv6 address in brackets.
    public let object: String
    /// errno; 0 when there is none.
    public let code: Int32

    public var description: String {
        let words = code == 0 ? "libmicrohttpd gives no reason" : String(cString: strerror(code))
        return "\(operation) \(object): \(words)"
    }

    /// The port is another program's.
    public var isAddressInUse: Bool { code == EADDRINUSE }
}
