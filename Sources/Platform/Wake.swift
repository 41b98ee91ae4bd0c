internal import CLinux
internal import Glibc

/// Wakes a loop of another thread (eventfd(2)). Thread-safe; must outlive both sides.
public final class Wake: Sendable {
    /// Readable once ``signal()`` was called, until ``clear()``.
    public let descriptor: Int32

    public init() throws(PlatformError) {
        descriptor = try retrying("eventfd") {
            eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        }
    }

    deinit {
        close(descriptor)
    }

    public func signal() {
        var one: UInt64 = 1
        // Fails only when 2^64-2 wakes are waiting: then the loop is awake anyway.
        _ = write(descriptor, &one, 8)
    }

    public func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// Waits until ``signal()`` is called, or the time is over; then clears it.
    /// - Returns: whether it was called.
    @available(*, noasync)
    @discardableResult
    public func wait(atMost longest: Duration) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = Glibc.poll(&item, 1, longest.wholeMilliseconds)
        clear()
        return count > 0
    }

    /// Waits until ``signal()`` is called, then clears it.
    @available(*, noasync)
    public func wait() {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while Glibc.poll(&item, 1, -1) < 0 && errno == EINTR {}
        clear()
    }
}
