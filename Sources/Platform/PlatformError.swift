internal import Glibc

/// A system call that failed: what was done, to what, and the error number.
public struct PlatformError: ProgramError, Equatable, CustomStringConvertible {
    public let operation: String
    public let object: String
    public let code: Int32
    /// What is wrong, where the error number's own words don't say it.
    public let detail: String?

    public init(operation: String, object: String = "", code: Int32, detail: String? = nil) {
        self.operation = operation
        self.object = object
        self.code = code
        self.detail = detail
    }

    public var exitStatus: ExitStatus { .osError }

    public var description: String {
        let words = detail ?? String(cString: strerror(code))
        return object.isEmpty ? "\(operation): \(words)" : "\(operation) \(object): \(words)"
    }
}

/// Repeats a call that a signal interrupted, and throws what else went wrong.
func retrying<Result: SignedInteger>(
    _ operation: String, _ object: String = "", _ call: () -> Result
) throws(PlatformError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw PlatformError(operation: operation, object: object, code: code) }
    }
}
