internal import Glibc
internal import Synchronization

/// A daemon as an object: started, stopped, and started again, by any thread of whatever program holds it.
public protocol Daemon: Sendable {
    /// Returns once it serves.
    func start() throws
    /// Asks it to stop and returns at its end, which may have come before.
    /// - Throws: what ended it, if it was not asked to.
    func stop() throws
    /// Asks it to take over what has changed in its settings.
    func reload()
    /// Signalled at its end, whether it was asked to or not.
    var ended: Wake { get }
}

extension Daemon {
    /// Runs it as a program of its own until SIGTERM or SIGINT, or until its own end; reloads it on SIGHUP. Call from the main
    /// thread before any other thread exists.
    @available(*, noasync)
    public func runUntilSignalled() throws {
        let signals = try SignalSource()
        ignoreBrokenPipes()
        ServiceNotice.open()
        try start()
        var items = [signals.descriptor, ended.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            _ = Glibc.poll(&items, nfds_t(items.count), -1)
            while let signal = signals.next() {
                switch signal {
                case .stop: return try stop()
                case .reload: reload()
                case .other: break
                }
            }
            if items[1].revents != 0 { return try stop() }
        }
    }
}

/// What a daemon's loop is asked to do. From any thread.
public final class DaemonRequests: Sendable {
    public enum Request: Sendable, Equatable {
        case stop
        case reload
    }

    private let wake: Wake
    private let state = Mutex<(isStopping: Bool, isReloadDue: Bool)>((false, false))

    public init() throws(PlatformError) { wake = try Wake() }

    /// Readable when a request waits.
    public var descriptor: Int32 { wake.descriptor }

    /// The next request that waits, or nil.
    public func next() -> Request? {
        wake.clear()
        return state.withLock { state in
            defer { state = (false, false) }
            if state.isStopping { return .stop }
            return state.isReloadDue ? .reload : nil
        }
    }

    public func make(_ request: Request) {
        state.withLock { state in
            switch request {
            case .stop: state.isStopping = true
            case .reload: state.isReloadDue = true
            }
        }
        wake.signal()
    }
}

/// The thread that a daemon's loop lives on: everything that belongs to the loop alone is made, used and closed on it.
public final class DaemonThread<Address: Sendable>: Sendable {
    /// The whole life of the loop: makes what it needs, says where it serves, and goes on until it is asked to stop.
    public typealias Life = @Sendable (DaemonRequests, _ isServing: (Address) -> Void) throws -> Void

    /// What the thread and those who hold the daemon share.
    private final class Shared: Sendable {
        struct State {
            var address: Address?
            var outcome: Result<Void, any Error>?
        }

        let requests: DaemonRequests
        let state = Mutex(State())
        /// Signalled when it serves or has failed to.
        let isSettled: Wake
        let ended: Wake

        init() throws(PlatformError) {
            requests = try DaemonRequests()
            isSettled = try Wake()
            ended = try Wake()
        }
    }

    private let name: String
    private let life: Life
    private let shared: Shared
    /// Held while it is started and while it is stopped: one at a time.
    private let thread = Mutex<NamedThread?>(nil)

    /// - name: of the thread.
    public init(_ name: String, _ life: @escaping Life) throws(PlatformError) {
        self.name = name
        self.life = life
        shared = try Shared()
    }

    /// Nothing but this object could end it.
    deinit { try? stop() }

    public var ended: Wake { shared.ended }

    /// Where it serves; nil while it doesn't.
    public var address: Address? { shared.state.withLock { $0.address } }

    /// - Throws: why it can't serve; it is over then. Where it runs already, that is left as it is.
    @available(*, noasync)
    public func start() throws {
        try thread.withLock { thread in
            guard thread == nil else { return }
            shared.ended.clear()
            shared.state.withLock { $0 = Shared.State() }
            let started = try NamedThread(name) { [life, shared] in
                let outcome = Result {
                    try life(shared.requests) { address in
                        shared.state.withLock { $0.address = address }
                        shared.isSettled.signal()
                    }
                }
                shared.state.withLock { $0 = Shared.State(outcome: outcome) }
                shared.isSettled.signal()
                shared.ended.signal()
            }
            shared.isSettled.wait()
            guard case .failure(let error) = shared.state.withLock({ $0.outcome }) else {
                return thread = started
            }
            started.join()
            throw error
        }
    }

    @available(*, noasync)
    public func stop() throws {
        try thread.withLock { running in
            guard let thread = running else { return }
            running = nil
            shared.requests.make(.stop)
            thread.join()
            // What was asked for too late is of this life, not of the next.
            _ = shared.requests.next()
            shared.isSettled.clear()
            try shared.state.withLock { $0.outcome }?.get()
        }
    }

    public func reload() { shared.requests.make(.reload) }
}
