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

/// Stops the calling thread for a while; for work beside which nothing has to be answered.
@available(*, noasync)
public func sleep(_ time: Duration) {
    let (seconds, attoseconds) = max(time, .zero).components
    var left = timespec(tv_sec: Int(clamping: seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while nanosleep(&left, &rest) < 0 && errno == EINTR { left = rest }
}
