/// What is wrong with a log, as the hub's operator or an analyst finds it.
public struct LogFinding: Sendable, Equatable, Encodable {
    /// nil: it is of the log as a whole.
    public var offset: UInt64?
    public var problem: String

    package init(offset: UInt64?, problem: String) {
        self.offset = offset
        self.problem = problem
    }
}
