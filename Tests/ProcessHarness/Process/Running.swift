internal import Glibc

/// How a process ended.
public enum Ending: Sendable, Equatable {
    case exited(Int32)
    case killed(signal: Int32)
}

/// What is known of a process: every line it wrote so far, and how it ended.
public struct Account: Sendable {
    /// Lines of standard output and standard error, without their newlines, in order.
    public internal(set) var output: [String] = []
    public internal(set) var talk: [String] = []
    /// nil while it runs. When it is set, all that the process wrote is in `output` and `talk`.
    public internal(set) var ending: Ending?

    /// The exit status; nil while it runs, and when a signal ended it.
    public var status: Int32? {
        if case .exited(let status) = ending { status } else { nil }
    }
}

/// A process on the testbed. It ends with the testbed at the latest. From any thread.
public final class Running: Sendable {
    /// For errors: the program and its arguments.
    public let title: String
    public let number: Int32
    let watched: Watched<Account>
    /// Where its standard input is fed; nil when it was given all at once.
    let input: InputPipe?

    init(title: String, number: Int32, watched: Watched<Account>, input: InputPipe?) {
        self.title = title
        self.number = number
        self.watched = watched
        self.input = input
    }

    public var account: Account { watched.value }

    /// What `wanted` makes of the account, as soon as that is not nil; looked at after each change.
    /// - what: completes "waited for".
    /// - Throws: ``TestbedError`` when the time is over, or the process ended without it; with what it said last.
    public func wait<Result: Sendable>(
        for what: String, within longest: Duration = Testbed.patience,
        until wanted: @escaping @Sendable (Account) -> Result?
    ) async throws(TestbedError) -> Result {
        let outcome = await watched.wait(longest) { account -> Result?? in
            if let result = wanted(account) { return .some(.some(result)) }
            return account.ending == nil ? .none : .some(.none)
        }
        if let outcome, let result = outcome { return result }
        throw TestbedError(title, "waited for \(what)", account)
    }

    /// The first `count` lines of its output, as soon as there are as many.
    public func lines(_ count: Int, within longest: Duration = Testbed.patience) async throws(TestbedError)
        -> [String]
    {
        try await wait(for: "\(count) lines", within: longest) {
            $0.output.count >= count ? Array($0.output.prefix(count)) : nil
        }
    }

    /// Everything about it, once it has ended by itself.
    public func ended(within longest: Duration = Testbed.patience) async throws(TestbedError) -> Account {
        try await wait(for: "its end", within: longest) { $0.ending == nil ? nil : $0 }
    }

    /// SIGTERM, and its end.
    @discardableResult
    public func stop() async throws(TestbedError) -> Account {
        signal(SIGTERM)
        return try await ended()
    }

    /// SIGKILL, and its end. A stopped one dies too.
    @discardableResult
    public func kill() async throws(TestbedError) -> Account {
        signal(SIGKILL)
        return try await ended()
    }

    /// Does nothing once it has ended: its number may be another's by then.
    public func signal(_ signal: Int32) {
        let number = number
        watched.change { account in
            if account.ending == nil { _ = Glibc.kill(number, signal) }
        }
    }

    /// A line for its standard input, if that is a pipe. Waits while the pipe is full.
    /// - Returns: false when it takes no more.
    @discardableResult
    public func write(line: String) -> Bool { input?.write(Array((line + "\n").utf8)) ?? false }

    public func closeInput() { input?.close() }
}
