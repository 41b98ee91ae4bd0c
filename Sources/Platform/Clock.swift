internal import CLinux
internal import Glibc

/// The wall clock, ms since 1970 (CLOCK_REALTIME). Loops read it once per tick.
public func wallClockMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// Time since boot, sleep included (CLOCK_BOOTTIME): for waiting and measuring, since the wall clock can be set.
public func steadyClock() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
}

/// Whether something keeps the wall clock right, by the kernel's account (adjtimex(2), STA_UNSYNC): NTP or another source. In a
/// service that may not ask the kernel (ProtectClock=), by what systemd-timesyncd(8) leaves once it has; nil where nobody says.
public func isClockSynchronised() -> Bool? {
    var state = timex()
    let result = adjtimex(&state)
    guard result < 0 else { return result != TIME_ERROR && state.status & STA_UNSYNC == 0 }
    return access("/run/systemd/timesync/synchronized", F_OK) == 0 ? true : nil
}

/// Stops the calling thread for a while; for work beside which nothing has to be answered.
@available(*, noasync)
public func sleep(_ time: Duration) {
    let (seconds, attoseconds) = max(time, .zero).components
    var left = timespec(tv_sec: Int(clamping: seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while nanosleep(&left, &rest) < 0 && errno == EINTR { left = rest }
}

extension Duration {
    /// What C's waits take: rounded up, so that a wait of 0.4 ms doesn't become none; none below zero, and at most 23 days.
    public var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard self > .zero else { return 0 }
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return Int32(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
