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
