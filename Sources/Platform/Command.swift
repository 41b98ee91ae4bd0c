internal import CLinux
internal import Glibc

/// Another program, run and waited for.
///
/// By hand: Process is in the large half of Foundation, which no program here loads, and ends neither what takes too long nor
/// what that has started.
public enum Command {
    /// Runs a program with these arguments, its input empty and its output ours, and waits for its end; ends it with SIGKILL once it
    /// has taken longer. Blocks the thread.
    /// - path: absolute; no shell looks at anything.
    /// - Returns: its exit status; 128 + the signal that ended it.
    /// - Throws: where it can't be started.
    public static func run(
        _ path: String, _ arguments: [String], atMost longest: Duration
    ) throws(FileError) -> Int32 {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this program does about signals is none of its business: they end it as they end any.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A group of its own: what it has started ends with it.
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let words = [path] + arguments
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &files, &attributes, &pointers, environ)
        guard code == 0 else { throw FileError("run", path, code) }
        if !hasEnded(child, within: longest) { kill(-child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw FileError("wait for", path, errno) }
        }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// Starts a program and leaves it to itself, in a session of its own, its input empty and its output nobody's.
    /// - path: absolute. longest: how long it is watched.
    /// - Returns: whether it still runs, or has ended well, by then.
    /// - Throws: where it can't be started.
    public static func leave(
        _ path: String, _ arguments: [String], watched longest: Duration
    ) throws(FileError) -> Bool {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        for (descriptor, flags) in [
            (STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY), (STDERR_FILENO, O_WRONLY),
        ] {
            posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", flags, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSID, which glibc shows with _GNU_SOURCE alone.
        posix_spawnattr_setflags(&attributes, 0x80)
        var pointers = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &files, &attributes, &pointers, environ)
        guard code == 0 else { throw FileError("run", path, code) }
        guard hasEnded(child, within: longest) else { return true }
        var status: Int32 = 0
        return waitpid(child, &status, 0) == child && status == 0
    }

    private static func hasEnded(_ child: pid_t, within longest: Duration) -> Bool {
        let descriptor = pidfd_open(child, 0)
        // Without one it can't be waited for with an end, and must not take for ever.
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let end = steadyClock() + longest
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let left = max(end - steadyClock(), .zero)
            let count = poll(&item, 1, left.wholeMilliseconds)
            if count > 0 { return true }
            if left == .zero || count < 0 && errno != EINTR { return false }
        }
    }
}
