import Platform
import ProcessHarness
import Synchronization

/// The hub's signs of life, as its service manager gets them, on a thread of its own.
final class Beats: Sendable {
    /// Between two of them.
    private static let interval = Duration.milliseconds(100)

    private let socket: NotifySocket
    private let state = Mutex<(last: Duration?, longest: Duration)>((nil, .zero))
    private let isOver = Atomic(false)
    private let thread = Mutex<NamedThread?>(nil)

    init(_ testbed: Testbed) throws {
        socket = try NotifySocket(testbed)
        try thread.withLock { thread in thread = try NamedThread("beats") { [self] in listen() } }
    }

    var environment: [String: String?] { socket.environment(watchdog: 200_000) }

    /// How late one of them has been at the most, of one that still has not come too.
    var latest: Duration {
        let now = steadyClock()
        return state.withLock { state in
            guard let last = state.last else { return .seconds(3_600) }
            return max(.zero, max(state.longest, now - last) - Beats.interval)
        }
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func listen() {
        while !isOver.load(ordering: .relaxed) {
            guard socket.next(atMost: 100) == "WATCHDOG=1" else { continue }
            let now = steadyClock()
            state.withLock { state in
                if let last = state.last { state.longest = max(state.longest, now - last) }
                state.last = now
            }
        }
    }
}
