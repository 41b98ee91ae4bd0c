internal import CLinux
internal import CSystemd
internal import Glibc
internal import Printable

/// What a daemon tells the service manager (sd_notify(3)). Without one (no NOTIFY_SOCKET) nothing is sent.
///
/// All notices leave by one socket, which is opened by ``open()``: sd_notify() opens one for each, and a daemon whose
/// descriptors a stranger has used up would then be silent, and be killed for it.
public enum ServiceNotice {
    case ready
    case reloading
    case stopping
    /// Made ``printable(_:atMost:)``, so that a peer's reason adds no notice of its own.
    case status(String)
    case watchdog

    /// Characters of a status, at most.
    static let longestStatus = 300

    private static let manager = NoticeSocket(getenv("NOTIFY_SOCKET").map { String(cString: $0) } ?? "")

    /// To be called before the program listens to anyone.
    public static func open() { _ = manager }

    public func send() {
        let text =
            switch self {
            case .ready: "READY=1"
            // Type=notify-reload wants the moment too; plain Type=notify ignores it.
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(ServiceNotice.monotonicMicroseconds())"
            case .stopping: "STOPPING=1"
            case .status(let words): "STATUS=\(printable(words, atMost: ServiceNotice.longestStatus))"
            case .watchdog: "WATCHDOG=1"
            }
        // A notice that can't be sent must not stop the service; the manager then acts on its silence.
        ServiceNotice.manager?.send(text)
    }

    /// How often the service manager wants ``watchdog``: half of its limit; nil when it wants none (sd_watchdog_enabled(3)).
    public static func watchdogInterval() -> Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds / 2))
    }

    private static func monotonicMicroseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }
}
