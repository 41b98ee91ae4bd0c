import Glibc

/// Sleeps on this thread; for threads only, never for tasks.
func nap(_ duration: Duration) {
    usleep(useconds_t(clamping: Int((duration / .microseconds(1)).rounded())))
}
