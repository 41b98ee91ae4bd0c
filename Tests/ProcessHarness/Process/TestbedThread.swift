internal import CLinux
internal import Glibc
internal import Platform
internal import Synchronization

/// The testbed's one thread: starts processes, hears what they say, sees them end, and kills those that are left when it
/// ends. Processes die with the thread that started them, and this one lives exactly as long as the testbed.
final class TestbedThread: Sendable {
    private let orders: Orders
    private let thread: Mutex<NamedThread?>

    init() throws(PlatformError) {
        let orders = Orders(try Wake())
        self.orders = orders
        thread = Mutex(try NamedThread("testbed") { TestbedThread.loop(orders) })
    }

    /// Starts a process. `onLine` gets each line of its output as it comes, on this thread.
    func start(
        _ plan: SpawnPlan, onLine: (@Sendable (String) -> Void)?
    ) async throws(TestbedError) -> Running {
        let result: Result<Running, TestbedError> = await withCheckedContinuation { continuation in
            let isTaken = orders.give { [wake = orders.wake] watches in
                do throws(TestbedError) {
                    let watch = try Watch(plan, wake, onLine)
                    watches.append(watch)
                    continuation.resume(returning: .success(watch.running))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !isTaken { continuation.resume(returning: .failure(TestbedError("the testbed is closed"))) }
        }
        return try result.get()
    }

    /// Kills every process and ends the thread. Returns when all of that is done.
    func close() {
        orders.close()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    // MARK: The loop

    private static func loop(_ orders: Orders) {
        var watches: [Watch] = []
        while true {
            let (new, isClosed) = orders.take()
            for order in new { order(&watches) }
            if isClosed { return end(watches) }
            wait(orders.wake, watches)
            orders.wake.clear()
            for index in watches.indices {
                watches[index].output.read()
                watches[index].talk.read()
            }
            watches.removeAll { $0.bury(options: WNOHANG) }
        }
    }

    private static func wait(_ wake: Wake, _ watches: [Watch]) {
        let now = steadyClock()
        var items = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
        var next: Duration?
        for watch in watches {
            // A negative descriptor, of a closed pipe, is passed over (poll(2)).
            for descriptor in [watch.life, watch.output.descriptor, watch.talk.descriptor] {
                items.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            }
            if let end = watch.running.watched.expire(at: now) { next = min(next ?? end, end) }
        }
        let timeout = next.map { Int32(clamping: max(.zero, $0 - now).milliseconds + 1) } ?? -1
        _ = poll(&items, nfds_t(items.count), timeout)
    }

    private static func end(_ watches: [Watch]) {
        for watch in watches { watch.running.signal(SIGKILL) }
        for watch in watches { _ = watch.bury(options: 0) }
    }
}

/// What others want the testbed's thread to do. From any thread.
private final class Orders: Sendable {
    typealias Order = @Sendable (inout [Watch]) -> Void

    private struct Inner {
        var orders: [Order] = []
        var isClosed = false
    }

    let wake: Wake
    private let inner = Mutex(Inner())

    init(_ wake: Wake) {
        self.wake = wake
    }

    /// - Returns: false once it is closed; the order is then not carried out.
    func give(_ order: @escaping Order) -> Bool {
        let isTaken = inner.withLock { inner in
            if !inner.isClosed { inner.orders.append(order) }
            return !inner.isClosed
        }
        wake.signal()
        return isTaken
    }

    func take() -> (orders: [Order], isClosed: Bool) {
        inner.withLock { inner in
            defer { inner.orders = [] }
            return (inner.orders, inner.isClosed)
        }
    }

    func close() {
        inner.withLock { $0.isClosed = true }
        wake.signal()
    }
}

/// A process that the testbed's thread looks after. Nobody else has these.
private struct Watch {
    let running: Running
    /// Readable once the process has ended (pidfd_open(2)).
    let life: Int32
    var output: LineReader
    var talk: LineReader

    init(_ plan: SpawnPlan, _ wake: Wake, _ onLine: (@Sendable (String) -> Void)?) throws(TestbedError) {
        let spawned = try plan.spawn()
        life = pidfd_open(spawned.number, 0)
        guard life >= 0 else {
            let code = errno
            _ = kill(spawned.number, SIGKILL)
            throw TestbedError("watch", plan.title, code)
        }
        let watched = Watched(Account()) { wake.signal() }
        running = Running(
            title: plan.title, number: spawned.number, watched: watched,
            input: spawned.input.map(InputPipe.init))
        output = LineReader(spawned.output) { lines in
            if let onLine { for line in lines { onLine(line) } }
            watched.change { $0.output += lines }
        }
        talk = LineReader(spawned.talk) { lines in watched.change { $0.talk += lines } }
    }

    /// Takes leave of the process once it has ended.
    /// - options: WNOHANG, or 0 to wait for its end.
    /// - Returns: false when it has not ended yet.
    func bury(options: Int32) -> Bool {
        let number = running.number
        var facts = siginfo_t()
        // Left in place for now: until it is waited for, its number can't be another's.
        guard waitid(P_PID, id_t(number), &facts, WEXITED | WNOWAIT | options) == 0,
            facts.si_signo == SIGCHLD
        else { return false }
        var watch = self
        watch.output.finish()
        watch.talk.finish()
        close(life)
        running.closeInput()
        running.watched.change { account in
            var status: Int32 = 0
            _ = waitpid(number, &status, 0)
            let signal = status & 0x7F
            account.ending = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
        }
        return true
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
