internal import CLinux
internal import Glibc

/// Signals as events of a loop: blocked for the whole process and read from a descriptor (signalfd(2)).
public struct SignalSource: ~Copyable {
    public enum Signal: Sendable, Equatable {
        case stop
        case reload
        case other(Int32)
    }

    /// Readable when a signal is waiting.
    public let descriptor: Int32

    /// Must come before the first thread of the process, libzmq's I/O threads included, since threads inherit the mask.
    public init() throws(PlatformError) {
        var mask = sigset_t()
        sigemptyset(&mask)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&mask, signal) }
        let code = pthread_sigmask(SIG_BLOCK, &mask, nil)
        guard code == 0 else { throw PlatformError(operation: "pthread_sigmask", code: code) }
        descriptor = try retrying("signalfd") {
            signalfd(-1, &mask, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        }
    }

    deinit {
        close(descriptor)
    }

    /// The next waiting signal, or nil.
    public borrowing func next() -> Signal? {
        var info = signalfd_siginfo()
        guard
            read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size)
                == MemoryLayout<signalfd_siginfo>.size
        else { return nil }
        switch Int32(info.ssi_signo) {
        case SIGTERM, SIGINT: return .stop
        case SIGHUP: return .reload
        default: return .other(Int32(info.ssi_signo))
        }
    }
}

/// A write to a closed pipe or socket then fails with EPIPE instead of killing the process.
public func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
}
