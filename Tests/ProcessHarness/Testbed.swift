internal import FoundationEssentials
internal import Glibc
internal import Platform

/// Real programs in a directory of their own, with throw-away identities, for a demonstration, a test, a fault or a
/// measurement.
///
/// When it is closed or dropped, or this process dies, even of SIGKILL: every process that it started is killed, and its
/// directory removed. Each testbed has an address of its own in 127.0.0.0/8, so that any number run side by side without
/// taking each other's ports. From any thread; its members are made in any order, the hub first.
public final class Testbed: Sendable {
    /// How long to wait for something that should happen at once: also on a slow machine that is busy with other tests.
    public static let patience = Duration.seconds(120)

    /// Absolute, mode 0700.
    public let directory: String
    /// Where its hub listens, e.g. `127.93.11.200`.
    public let address: String
    /// The first of 41 ports that its hub uses.
    public let firstPort: Int
    private let keeper: Keeper
    private let thread: TestbedThread

    /// - address: where its hub listens; nil: an own one of this machine's.
    public init(address: String? = nil) throws(TestbedError) {
        ignoreBrokenPipes()
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/borderwire-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestbedError("make a directory in", parent, errno) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        keeper = try Keeper(directory: directory)
        self.address =
            address ?? "127." + (0..<3).map { _ in String(UInt8.random(in: 2...250)) }.joined(separator: ".")
        // Below Linux's range for outgoing connections (32768 and up), which would take a port at random.
        firstPort = Int.random(in: 200...310) * 100
        do {
            thread = try TestbedThread()
        } catch {
            keeper.close()
            throw TestbedError("\(error)")
        }
    }

    deinit {
        thread.close()
        keeper.close()
    }

    /// Starts a program.
    /// - input: lines for its standard input, all at once; nil gives a pipe for ``Running/write(line:)``.
    /// - environment: added to this process's own; nil removes.
    /// - file: where its output goes instead of to us, as a shell's `>>` would; nothing of it is then in its account.
    /// - onTerminal: its output is a terminal's, whose lines we get all the same.
    /// - onLine: gets each line of output as it comes, on the testbed's thread; must not wait, nor hold the testbed.
    public func start(
        _ program: Program, _ arguments: [String], input: [UInt8]? = [], environment: [String: String?] = [:],
        appendingTo file: String? = nil, onTerminal: Bool = false, onLine: (@Sendable (String) -> Void)? = nil
    ) async throws(TestbedError) -> Running {
        let given: SpawnPlan.Input = input.map { $0.isEmpty ? .nothing : .bytes($0) } ?? .pipe
        return try await thread.start(
            SpawnPlan(
                program: try BuiltTree.path(of: program), arguments: arguments, input: given,
                environment: environment, outputFile: file, isOnTerminal: onTerminal),
            onLine: onLine)
    }

    /// Runs a program to its end.
    public func run(
        _ program: Program, _ arguments: [String], input: [UInt8] = [], environment: [String: String?] = [:],
        within longest: Duration = Testbed.patience
    ) async throws(TestbedError) -> Account {
        try await start(program, arguments, input: input, environment: environment).ended(within: longest)
    }

    /// Runs a shell script with `$B` as the directory of the programs: for pipes, and whatever a person would type.
    public func shell(
        _ script: String, environment: [String: String?] = [:], within longest: Duration = Testbed.patience
    ) async throws(TestbedError) -> Account {
        var environment = environment
        environment["B"] = try BuiltTree.programs
        return try await run(.other("/bin/bash"), ["-c", script], environment: environment, within: longest)
    }

    // MARK: Files

    func makeDirectory(_ name: String) throws(TestbedError) -> String {
        let path = directory + "/" + name
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw TestbedError("make", path, errno) }
        return path
    }

    /// Writes a file of the testbed; `name` is relative to its directory, or absolute.
    @discardableResult
    public func write(_ text: String, to name: String) throws(TestbedError) -> String {
        let path = name.hasPrefix("/") ? name : directory + "/" + name
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else {
            throw TestbedError("write", path, errno)
        }
        return path
    }
}
