internal import Glibc

/// Another program, run and waited for.
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
        // A group of its own: what it has started ends with it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let words = [path] + arguments
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &files, &attributes, &pointers, environ)
        guard code == 0 else { throw FileError("run", path, code) }
        let end = steadyClock() + longest
        while true {
            var status: Int32 = 0
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child {
                return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
            }
            if ended < 0, errno != EINTR { return 255 }
            if steadyClock() >= end { kill(-child, SIGKILL) }
            // There is no descriptor to wait for: that it has ended shows within a hundredth of a second.
            usleep(10_000)
        }
    }
}
