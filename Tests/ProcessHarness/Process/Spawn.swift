internal import CLinux
internal import Glibc

/// A process to be started.
struct SpawnPlan: Sendable {
    enum Input: Sendable {
        case nothing
        case bytes([UInt8])
        case pipe
    }

    /// An absolute path, or a name that PATH finds.
    var program: String
    var arguments: [String]
    var input: Input
    /// Added to this process's own environment; nil removes.
    var environment: [String: String?]
    /// A file that its standard output is appended to, made if it is not there; nil: a pipe to us.
    var outputFile: String?
    /// Whether its standard output is a terminal, whose other end is ours.
    var isOnTerminal = false
    /// Whether it is killed when the thread that starts it ends, however it ends (PR_SET_PDEATHSIG, by setpriv(1) of
    /// util-linux, which then becomes the program).
    var diesWithThread = true

    var title: String {
        ([String(program.split(separator: "/").last ?? "")] + arguments).joined(separator: " ")
    }
}

/// A started process and our ends of its pipes.
struct Spawned {
    var number: Int32
    /// Below zero when it goes to a file.
    var output: Int32
    var talk: Int32
    var input: Int32?
}

extension SpawnPlan {
    /// Starts it, in a process group of its own: Ctrl-C at a terminal reaches us alone, and we end the rest.
    func spawn() throws(TestbedError) -> Spawned {
        let (output, itsOutput) = try openOutput()
        let (talk, itsTalk) = try openPipe()
        let (ours, itsInput) = try openInput()
        defer { for descriptor in [itsOutput, itsTalk, itsInput] { close(descriptor) } }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, itsInput, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, itsOutput, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, itsTalk, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let words = (diesWithThread ? ["setpriv", "--pdeathsig", "KILL"] : []) + [program] + arguments
        let first = words[0]
        var number: pid_t = 0
        let code = withCStrings(words) { words in
            withCStrings(variables()) { variables in
                posix_spawnp(&number, first, &actions, &attributes, words, variables)
            }
        }
        guard code == 0 else {
            for descriptor in [output, talk, ours ?? -1] { close(descriptor) }
            throw TestbedError("start", program, code)
        }
        return Spawned(number: number, output: output, talk: talk, input: ours)
    }

    private func variables() -> [String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        for (name, value) in environment { variables[name] = value }
        return variables.map { "\($0.key)=\($0.value)" }
    }

    private func openOutput() throws(TestbedError) -> (ours: Int32, its: Int32) {
        if isOnTerminal { return try openTerminal() }
        guard let outputFile else {
            let (ours, its) = try openPipe()
            return (ours, its)
        }
        let file = open(outputFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw TestbedError("append to", outputFile, errno) }
        return (-1, file)
    }

    private func openInput() throws(TestbedError) -> (ours: Int32?, its: Int32) {
        switch input {
        case .nothing: return (nil, open("/dev/null", O_RDONLY | O_CLOEXEC))
        case .pipe:
            let (its, ours) = try openPipe()
            return (ours, its)
        case .bytes(let bytes):
            let file = memfd_create("input", 1)  // MFD_CLOEXEC
            guard file >= 0 else { throw TestbedError("make", "an input file", errno) }
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeBytes {
                    write(file, $0.baseAddress?.advanced(by: done), $0.count - done)
                }
                guard count >= 0 else { throw TestbedError("write", "an input file", errno) }
                done += count
            }
            lseek(file, 0, SEEK_SET)
            return (nil, file)
        }
    }
}

/// A terminal that changes nothing of what is written to it. Both ends close on exec.
private func openTerminal() throws(TestbedError) -> (ours: Int32, its: Int32) {
    let ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard ours >= 0, grantpt(ours) == 0, unlockpt(ours) == 0, let name = ptsname(ours) else {
        throw TestbedError("make", "a terminal", errno)
    }
    let its = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var mode = termios()
    guard its >= 0, tcgetattr(its, &mode) == 0 else { throw TestbedError("open", "a terminal", errno) }
    cfmakeraw(&mode)
    guard tcsetattr(its, TCSANOW, &mode) == 0 else { throw TestbedError("set", "a terminal", errno) }
    return (ours, its)
}

/// Both ends close on exec.
func openPipe() throws(TestbedError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw TestbedError("make", "a pipe", errno) }
    return (ends[0], ends[1])
}

private func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
