/// Why a program can't start or go on, and what its operator can do.
public struct Failure: ProgramError, Equatable, CustomStringConvertible {
    /// What was done to what, and why that failed.
    public let cause: String
    /// Empty when the cause says it.
    public let remedy: String
    public let exitStatus: ExitStatus

    public init(_ cause: String, remedy: String = "", status: ExitStatus) {
        self.cause = cause
        self.remedy = remedy
        exitStatus = status
    }

    public var description: String {
        guard let first = remedy.first else { return cause }
        return cause + (first.isUppercase ? ". " : "; ") + remedy
    }
}
