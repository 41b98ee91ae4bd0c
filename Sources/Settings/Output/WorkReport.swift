public import Platform

/// What a command that changes or checks something says of it on standard output. The output is only a report: where nobody
/// takes it any more (`| head`) or it can't be written (a full disk), the work goes on, and its own exit status stands.
/// Used from one thread.
public struct WorkReport: Sendable {
    private var failure: OutputError?

    public init() {}

    /// Whether what is written still reaches someone.
    public var isTaken: Bool { failure == nil }

    /// As ``StandardOutput/write(line:)``.
    public mutating func write(line: String) {
        attempt(try StandardOutput.write(line: line))
    }

    /// As ``StandardOutput/write(words:)``.
    public mutating func write(words: String) {
        attempt(try StandardOutput.write(words: words))
    }

    private mutating func attempt(_ write: @autoclosure () throws(OutputError) -> Void) {
        guard isTaken else { return }
        do throws(OutputError) { try write() } catch { failure = error }
    }

    /// Called once the work is done.
    /// - done: what was done although the output failed, as a sentence's end: `all 3 alerts were queued`.
    /// - Returns: the status, also where whoever read the output has gone.
    /// - Throws: ``Lost`` where the output could not be written.
    public func end(_ status: ExitStatus, _ done: String) throws(Lost) -> ExitStatus {
        guard case .failed(let error)? = failure else { return status }
        throw Lost(cause: error, done: done, exitStatus: status == .ok ? error.exitStatus : status)
    }

    /// The output could not be written, and the work is done.
    public struct Lost: ProgramError, Equatable {
        public let cause: FileError
        public let done: String
        public let exitStatus: ExitStatus

        public var description: String { "\(cause). Only this report is lost: \(done)" }
    }
}
