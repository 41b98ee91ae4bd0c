internal import Glibc

/// What went wrong on the testbed, with what the process concerned said last.
public struct TestbedError: Error, Sendable, CustomStringConvertible {
    /// Lines of a process shown: the last ones.
    static let shownLines = 12

    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// - cause: an errno.
    init(_ operation: String, _ object: String, _ cause: Int32) {
        self.init("\(operation) \(object): \(String(cString: strerror(cause)))")
    }

    init(_ title: String, _ what: String, _ account: Account) {
        let state = account.ending.map { "it has ended: \($0)" } ?? "it is running"
        var lines = ["\(title): \(what); \(state), \(account.output.count) lines of output"]
        lines += account.output.suffix(TestbedError.shownLines).map { "    > \($0)" }
        lines += account.talk.suffix(TestbedError.shownLines).map { "    ! \($0)" }
        self.init(lines.joined(separator: "\n"))
    }
}
