internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread with a name that shows in `ps -L` and gdb, which its owner must join, or leave to the process's end.
public final class NamedThread: Sendable {
    private let thread: pthread_t
    private let joined = Atomic<Bool>(false)

    /// - name: at most 15 bytes (pthread_setname_np(3)); longer ones are cut.
    public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(PlatformError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                pthread_setname_np(pthread_self(), shortened(start.name))
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw PlatformError(operation: "pthread_create", object: name, code: code)
        }
        self.thread = thread
    }

    deinit {
        precondition(joined.load(ordering: .relaxed), "a thread was dropped without being joined")
    }

    /// Waits for the thread's end.
    public func join() {
        guard !joined.exchange(true, ordering: .relaxed) else { return }
        pthread_join(thread, nil)
    }

    /// Lets it go on until the process ends, which must be about to: for one that can't be brought to its end.
    public func abandon() {
        guard !joined.exchange(true, ordering: .relaxed) else { return }
        pthread_detach(thread)
    }

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}

/// Whole characters of at most 15 bytes: pthread_setname_np(3) refuses a longer name.
private func shortened(_ name: String) -> String {
    var size = 0
    return String(
        name.prefix { character in
            size += character.utf8.count
            return size <= 15
        })
}

/// Lets other threads of the machine go first: the calling thread gets less of a busy processor (setpriority(2); on Linux it is
/// one thread's own). Where it isn't allowed, nothing changes.
/// - steps: 1 to 19; each takes about a tenth of the share.
public func yieldToOthers(steps: Int32) {
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, steps)
}
