public import Settings
internal import ZeroMQ

/// Why a reader can't go on, and what its analyst can do.
public struct ReaderFailure: ProgramError, Equatable, CustomStringConvertible {
    public let cause: String
    public let remedy: String
    public let exitStatus: ExitStatus

    init(_ cause: String, remedy: String = "", status: ExitStatus) {
        self.cause = cause
        self.remedy = remedy
        exitStatus = status
    }

    init(_ error: ZeroMQError) {
        self.init(error.description, status: .osError)
    }

    public var description: String { remedy.isEmpty ? cause : "\(cause); \(remedy)" }
}
