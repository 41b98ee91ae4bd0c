/// Threads that end together: each is told to stop and joined, the last one started first.
public final class ThreadGroup {
    private var members: [(thread: NamedThread, stop: () -> Void)] = []

    public init() {}

    deinit { stop() }

    /// - stop: asks the body to return.
    public func start(
        _ name: String, stop: @escaping () -> Void, _ body: @escaping @Sendable () -> Void
    ) throws(PlatformError) {
        members.append((try NamedThread(name, body), stop))
    }

    /// Returns at the end of all of them.
    public func stop() {
        while let member = members.popLast() {
            member.stop()
            member.thread.join()
        }
    }
}
