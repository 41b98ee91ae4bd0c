internal import Synchronization

/// A thread that is asked to stop, and waited for. What it runs asks ``isStopping`` between two pieces of work, and waits with
/// ``wait(atMost:)`` or by ``descriptor``, which end early then. From any thread.
public final class StoppableThread: Sendable {
    private let wake: Wake
    private let stopping = Atomic<Bool>(false)
    private let thread = Mutex<NamedThread?>(nil)

    public init() throws(PlatformError) { wake = try Wake() }

    /// Once; whatever the body needs is there by then.
    /// - name: as of ``NamedThread``.
    public func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(PlatformError) {
        let started = try NamedThread(name, body)
        thread.withLock { $0 = started }
    }

    public var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Readable once it is to stop.
    public var descriptor: Int32 { wake.descriptor }

    /// Of the thread itself.
    /// - longest: nil: until it is to stop.
    @available(*, noasync)
    public func wait(atMost longest: Duration? = nil) {
        guard !isStopping else { return }
        if let longest { wake.wait(atMost: longest) } else { wake.wait() }
    }

    /// Asks it to stop; also again, and before it was started.
    public func askToStop() {
        stopping.store(true, ordering: .releasing)
        wake.signal()
    }

    /// Asks it to stop, and waits for its end.
    public func stop() {
        askToStop()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }
}
