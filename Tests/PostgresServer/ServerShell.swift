import CLinux
import Glibc
import Platform

/// A shell that looks after one server, and does what it is told, a line at a time. It ends its server, and removes what it made, once
/// nobody can tell it anything any more: with the object, and when this process dies, however that happens. From any thread; one
/// order at a time.
final class ServerShell: Sendable {
    /// Where it takes its orders; nobody else has this end.
    private let orders: Int32
    private let replies: Int32
    private let process: pid_t

    /// PostgreSQL refuses to run as root: who it runs as then; empty: this user.
    static var user: String { getuid() == 0 ? "65534" : "" }

    static func requirePrograms() throws {
        guard access(PostgresServer.programs + "/initdb", X_OK) == 0 else {
            throw Failure(
                "no \(PostgresServer.programs)/initdb", remedy: "apt-get install postgresql-15",
                status: .unavailable)
        }
    }

    /// A new one, whose owner the server's user is.
    static func makeDirectory() throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/bwpg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw PlatformError(operation: "make a directory in", object: parent, code: errno)
        }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if getuid() == 0 { chown(directory, 65534, 65534) }
        return directory
    }

    init(_ script: String, _ arguments: [String]) throws {
        var (input, output): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard pipe2(&input, O_CLOEXEC) == 0 else { throw PlatformError(operation: "pipe", code: errno) }
        defer { close(input[0]) }
        guard pipe2(&output, O_CLOEXEC) == 0 else {
            close(input[1])
            throw PlatformError(operation: "pipe", code: errno)
        }
        defer { close(output[1]) }
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_adddup2(&files, input[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&files, output[1], STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: what a terminal sends to this process's is not for the server.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var pointers = (["sh", "-c", script, "server"] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/bin/sh", &files, &attributes, &pointers, environ)
        guard code == 0 else {
            close(input[1])
            close(output[0])
            throw PlatformError(operation: "run", object: "/bin/sh", code: code)
        }
        (process, orders, replies) = (child, input[1], output[0])
    }

    deinit {
        close(orders)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        close(replies)
    }

    func order(_ words: String) {
        let line = words + "\n"
        _ = write(orders, line, line.utf8.count)
    }

    /// Returns once it says that it has done it.
    func carryOut(_ words: String) throws {
        order(words)
        var reply = ""
        var byte: UInt8 = 0
        while read(replies, &byte, 1) == 1, byte != 0x0A { reply.unicodeScalars.append(Unicode.Scalar(byte)) }
        guard reply == "done" else { throw Failure("\(words): \(reply)", status: .unavailable) }
    }
}
