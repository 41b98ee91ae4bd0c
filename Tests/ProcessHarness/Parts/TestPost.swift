public import AlertPost
internal import Platform
internal import Synchronization

/// A post of the testbed: its files, its grant, and the daemon, which is not started with it.
public final class TestPost: Sendable {
    public let name: String
    public let testbed: Testbed
    /// Holds `post.toml`, the keys and `state`.
    public let directory: String
    /// The path of `post.toml`.
    public let settings: String
    public var state: String { directory + "/state" }
    public var outbox: String { state + "/outbox.db" }
    public var publicKey: String { "\(directory)/\(name).pub" }
    private let daemon: Daemon
    /// For its daemon and its `publish`.
    private let environment = Mutex<[String: String?]>([:])

    /// - hasDesk: whether consoles may write for it.
    init(
        _ name: String, _ hub: TestHub, others: [TestHub], province: String, hasDesk: Bool, extra: String
    ) throws(TestbedError) {
        self.name = name
        testbed = hub.testbed
        directory = try testbed.makeDirectory(name)
        _ = try testbed.makeDirectory(name + "/state")
        if hasDesk { _ = try testbed.makeDirectory(name + "/desk") }
        try testbed.makeKeys(name, in: directory)
        settings = try testbed.write(
            """
            key = "\(name).key"
            state = "state"
            province = "\(province)"
            \(hasDesk ? "desk = \"desk\"" : "")
            \(try testbed.overlay())

            \(TestHub.links([hub] + others))
            \(extra)

            """, to: name + "/post.toml")
        daemon = Daemon(testbed, .post, ["run", "--config", settings])
    }

    /// The daemon's process, of the last start; nil before the first.
    public var process: Running? { daemon.running }

    /// Returns once it is ready; the link may come later.
    public func start() async throws(TestbedError) { try await daemon.start(environment.withLock { $0 }) }

    /// What the daemon is started by from now on, e.g. unshare(1) and its options; it must become the daemon (exec).
    public func setStarter(_ words: [String]) { daemon.starter.withLock { $0 = words } }

    /// What its daemon and its publishing programs are started with from now on, beside this process's own environment.
    public func setEnvironment(_ variables: [String: String?]) { environment.withLock { $0 = variables } }

    @discardableResult
    public func stop() async throws(TestbedError) -> Account {
        try await daemon.end { running throws(TestbedError) in try await running.stop() }
    }

    @discardableResult
    public func kill() async throws(TestbedError) -> Account {
        try await daemon.end { running throws(TestbedError) in try await running.kill() }
    }

    /// `borderwire-post publish --file -` with these drafts, one a line, to its end. What came of it is the caller's to judge.
    public func publish(
        _ drafts: [String], _ arguments: [String] = [], within longest: Duration = Testbed.patience
    ) async throws(TestbedError) -> Account {
        try await testbed.run(
            .post, ["publish", "--file", "-", "--config", settings] + arguments,
            input: Array(drafts.map { $0 + "\n" }.joined().utf8), within: longest)
    }

    /// The same, fed line by line with ``Running/write(line:)``.
    public func publishing(
        _ arguments: [String] = [], onLine: (@Sendable (String) -> Void)? = nil
    ) async throws(TestbedError) -> Running {
        try await testbed.start(
            .post, ["publish", "--file", "-", "--config", settings] + arguments, input: nil,
            environment: environment.withLock { $0 }, onLine: onLine)
    }

    /// `borderwire-post ARGUMENTS --config post.toml`.
    public func run(_ arguments: [String]) async throws(TestbedError) -> Account {
        try await testbed.run(.post, arguments + ["--config", settings])
    }

    public func status() async throws(TestbedError) -> PostStatus {
        let account = try await run(["status", "--format", "json"])
        try account.expect(0, "status")
        return try account.decodeFirstLine(PostStatus.self)
    }

    /// Asks until it is so, for ``Testbed/patience`` at the longest.
    /// - Returns: what it said last; whether it is so then is the caller's to judge.
    @discardableResult
    public func settle(_ isSo: (PostStatus) -> Bool) async throws(TestbedError) -> PostStatus {
        let end = steadyClock() + Testbed.patience
        while true {
            let status = try await status()
            if isSo(status) || steadyClock() > end { return status }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}

extension Testbed {
    /// Makes a post, enrolled to publish.
    /// - at: the hub on whose machine it is enrolled; nil: its own. others: the rest of its list of hubs. province: where its
    ///   alerts are from; nil: the one of its name. publish, read: grants; by default it may publish its own province's alerts,
    ///   and read nothing.
    public func post(
        _ name: String, _ hub: TestHub, at machine: TestHub? = nil, others: [TestHub] = [],
        province: String? = nil, publish: [String]? = nil,
        read: [String] = [], duty: [String] = [], may: [String] = [], hasDesk: Bool = false,
        extra: String = ""
    ) async throws(TestbedError) -> TestPost {
        let province = province ?? name
        let post = try TestPost(
            name, hub, others: others, province: province, hasDesk: hasDesk, extra: extra)
        try await (machine ?? hub).enroll(
            post.publicKey, publish: publish ?? [province], read: read, duty: duty, may: may)
        try share(post.publicKey)
        return post
    }
}
