internal import FoundationEssentials

/// An analyst of the testbed: files and a grant. What it reads with is started as often as needed.
public final class TestAnalyst: Sendable {
    public let name: String
    public let testbed: Testbed
    /// Holds `analyst.toml`, the keys and `state`, where cursors are.
    public let directory: String
    /// The path of `analyst.toml`.
    public let settings: String
    public var state: String { directory + "/state" }
    public var publicKey: String { "\(directory)/\(name).pub" }

    init(_ name: String, _ hub: TestHub, others: [TestHub], extra: String) throws(TestbedError) {
        self.name = name
        testbed = hub.testbed
        directory = try testbed.makeDirectory(name)
        _ = try testbed.makeDirectory(name + "/state")
        try testbed.makeKeys(name, in: directory)
        settings = try testbed.write(
            try TestAnalyst.text(name, testbed, [hub] + others, extra), to: name + "/analyst.toml")
    }

    /// Settings of the same analyst that know one hub alone.
    public func settings(of hub: TestHub) throws(TestbedError) -> String {
        try testbed.write(
            try TestAnalyst.text(name, testbed, [hub], ""), to: "\(name)/\(hub.name).toml")
    }

    private static func text(
        _ name: String, _ testbed: Testbed, _ hubs: [TestHub], _ extra: String
    ) throws(TestbedError) -> String {
        """
        key = "\(name).key"
        state = "state"
        posts = "\(try testbed.sharedKeys())"
        \(try testbed.overlay())

        \(TestHub.links(hubs))
        \(extra)

        """
    }

    /// `borderwire tail`, until it ends by itself or is ended. To have everything from the log's beginning on, and not only
    /// from whenever its link is up, give `--since 0`.
    public func tail(
        _ arguments: [String], environment: [String: String?] = [:],
        appendingTo file: String? = nil, onTerminal: Bool = false, onLine: (@Sendable (String) -> Void)? = nil
    ) async throws(TestbedError) -> Running {
        try await testbed.start(
            .analyst, ["tail", "--config", settings] + arguments, environment: environment,
            appendingTo: file, onTerminal: onTerminal, onLine: onLine)
    }

    /// `borderwire COMMAND --config analyst.toml ARGUMENTS`, to its end.
    public func run(
        _ command: String, _ arguments: [String] = [], within longest: Duration = Testbed.patience
    ) async throws(TestbedError) -> Account {
        try await testbed.run(.analyst, [command, "--config", settings] + arguments, within: longest)
    }
}

extension Testbed {
    /// Makes an analyst, enrolled to read.
    /// - at: the hub on whose machine it is enrolled; nil: its own. others: the rest of its list of hubs.
    public func analyst(
        _ name: String, _ hub: TestHub, at machine: TestHub? = nil, others: [TestHub] = [],
        read: [String], duty: [String] = [], may: [String] = [], extra: String = ""
    ) async throws(TestbedError) -> TestAnalyst {
        let analyst = try TestAnalyst(name, hub, others: others, extra: extra)
        try await (machine ?? hub).enroll(analyst.publicKey, read: read, duty: duty, may: may)
        return analyst
    }

    /// The directory of the public keys that posts hand to analysts.
    func sharedKeys() throws(TestbedError) -> String { try makeDirectory("posts") }

    /// Hands a public key to all analysts.
    public func share(_ publicKey: String) throws(TestbedError) {
        let name = publicKey.split(separator: "/").last.map(String.init) ?? ""
        guard let bytes = FileManager.default.contents(atPath: publicKey),
            FileManager.default.createFile(atPath: try sharedKeys() + "/" + name, contents: bytes)
        else { throw TestbedError("\(publicKey) can't be handed to the analysts") }
    }
}
