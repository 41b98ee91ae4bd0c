internal import Platform
internal import Synchronization

/// A value that changes, and those who wait until it is as they want it. From any thread.
final class Watched<Value: Sendable>: Sendable {
    private struct Waiter: Sendable {
        var end: Duration
        /// Resumes its caller and gives true, if the value is as it should be.
        var isDone: @Sendable (Value) -> Bool
        var timeOver: @Sendable () -> Void
    }

    private struct Inner {
        var value: Value
        var waiters: [Waiter] = []
    }

    private let inner: Mutex<Inner>
    /// Called when a deadline may have become the next one, for whoever calls ``expire(at:)``.
    private let onWait: @Sendable () -> Void

    init(_ value: Value, onWait: @escaping @Sendable () -> Void) {
        inner = Mutex(Inner(value: value))
        self.onWait = onWait
    }

    var value: Value { inner.withLock { $0.value } }

    func change<Result: Sendable>(_ edit: @Sendable (inout Value) -> Result) -> Result {
        inner.withLock { inner in
            let result = edit(&inner.value)
            inner.waiters.removeAll { $0.isDone(inner.value) }
            return result
        }
    }

    /// What `wanted` makes of the value, as soon as that is not nil.
    /// - Returns: nil when it has not come to that in time.
    func wait<Result: Sendable>(
        _ longest: Duration, until wanted: @escaping @Sendable (Value) -> Result?
    ) async -> Result? {
        let end = steadyClock() + longest
        let result: Result? = await withCheckedContinuation { continuation in
            inner.withLock { inner in
                if let result = wanted(inner.value) { return continuation.resume(returning: result) }
                inner.waiters.append(
                    Waiter(
                        end: end,
                        isDone: { value in
                            guard let result = wanted(value) else { return false }
                            continuation.resume(returning: result)
                            return true
                        },
                        timeOver: { continuation.resume(returning: nil) }))
            }
            onWait()
        }
        return result
    }

    /// Tells those whose time is over.
    /// - Returns: the next time that someone's is; nil when nobody waits.
    func expire(at now: Duration) -> Duration? {
        inner.withLock { inner in
            inner.waiters.removeAll { waiter in
                guard waiter.end <= now else { return false }
                waiter.timeOver()
                return true
            }
            return inner.waiters.map(\.end).min()
        }
    }
}
