internal import CZeroMQ
public import Platform

/// A libzmq call that failed: what was called, on what, and libzmq's own error number.
///
/// "Would block" is no error: receive and send report it in their result. EINTR is retried inside, except in
/// ``poll(_:timeout:)``, which returns to its loop.
public struct ZeroMQError: ProgramError, Equatable, CustomStringConvertible {
    public struct Code: RawRepresentable, Sendable, Hashable {
        public let rawValue: Int32

        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let addressInUse = Code(rawValue: EADDRINUSE)
        public static let addressNotAvailable = Code(rawValue: EADDRNOTAVAIL)
        public static let permissionDenied = Code(rawValue: EACCES)
        /// ROUTER with mandatory routing: nobody has this routing id.
        public static let hostUnreachable = Code(rawValue: EHOSTUNREACH)
        public static let tooManyFiles = Code(rawValue: EMFILE)

        /// Whether the same call may succeed later: descriptors, sockets or memory are used up.
        public var isShortage: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(rawValue) }
    }

    /// The libzmq function, e.g. `zmq_bind`.
    public let operation: String
    /// What it was called on: an endpoint or an option's name; empty when the function says it all.
    public let object: String
    public let code: Code

    public init(operation: String, object: String = "", code: Code) {
        self.operation = operation
        self.object = object
        self.code = code
    }

    public var exitStatus: ExitStatus { .osError }

    public var description: String {
        let words = String(cString: zmq_strerror(code.rawValue))
        return object.isEmpty ? "\(operation): \(words)" : "\(operation) \(object): \(words)"
    }

    /// Reads libzmq's error number, which the next libzmq call on this thread would overwrite.
    static func last(_ operation: String, _ object: String = "") -> ZeroMQError {
        let number = zmq_errno()
        // These two can only come from a bug of ours: a socket used after close, or a bad pointer.
        precondition(number != ENOTSOCK && number != EFAULT, "\(operation): not a live socket")
        return ZeroMQError(operation: operation, object: object, code: Code(rawValue: number))
    }
}
