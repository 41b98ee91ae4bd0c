/// A console of the testbed: an analyst's files, the page of the working tree, and the daemon, which is not started with it.
public final class TestConsole: Sendable {
    public let testbed: Testbed
    /// The path of `console.toml`.
    public let settings: String
    private let daemon: Daemon

    /// - analyst: whose key reads. post: the one that alerts are written for; nil: none.
    init(_ analyst: TestAnalyst, _ hub: TestHub, post: TestPost?) throws(TestbedError) {
        testbed = analyst.testbed
        settings = try testbed.write(
            """
            key = "\(analyst.name).key"
            state = "console"
            posts = "\(try testbed.sharedKeys())"
            port = 0
            page = "\(try BuiltTree.config)/../Sources/borderwire-console/page"
            \(post.map { "post = \"\($0.settings)\"" } ?? "")
            \(try testbed.overlay())

            [hub]
            host = "\(testbed.address)"
            control = \(hub.controlPort)
            key = "\(hub.directory)/hub.pub"

            """, to: analyst.name + "/console.toml")
        daemon = Daemon(testbed, .console, ["run", "--config", settings])
    }

    /// The daemon's process, of the last start; nil before the first.
    public var process: Running? { daemon.running }

    /// Returns once the page is served; the link may come later.
    public func start() async throws(TestbedError) { try await daemon.start([:]) }

    /// What `borderwire-console open` prints, or says where it has opened the page in a browser.
    /// - opens: whether it may open it.
    public func open(opens: Bool = false) async throws(TestbedError) -> String {
        let account = try await testbed.run(
            .console, ["open", "--config", settings] + (opens ? [] : ["--print"]))
        try account.expect(0, "open")
        return account.output.first ?? account.talk.first ?? ""
    }
}

extension Testbed {
    /// Makes a console with a reader of its own.
    public func console(
        _ name: String, _ hub: TestHub, read: [String], duty: [String] = [], may: [String] = [],
        post: TestPost? = nil
    ) async throws(TestbedError) -> TestConsole {
        try TestConsole(try await analyst(name, hub, read: read, duty: duty, may: may), hub, post: post)
    }
}
