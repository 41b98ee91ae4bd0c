internal import FoundationEssentials

/// An analyst of the stage: files and a grant. What it reads with is started as often as needed.
public final class StageAnalyst: Sendable {
    public let name: String
    public let stage: Stage
    /// Holds `analyst.toml`, the keys and `state`, where cursors are.
    public let directory: String
    /// The path of `analyst.toml`.
    public let settings: String
    public var state: String { directory + "/state" }
    public var publicKey: String { "\(directory)/\(name).pub" }

    init(_ name: String, _ hub: StageHub, extra: String) throws(StageError) {
        self.name = name
        stage = hub.stage
        directory = try stage.makeDirectory(name)
        _ = try stage.makeDirectory(name + "/state")
        try stage.makeKeys(name, in: directory)
        settings = try stage.write(
            """
            key = "\(name).key"
            state = "state"
            posts = "\(try stage.sharedKeys())"
            \(try stage.overlay())

            [hub]
            host = "\(stage.address)"
            control = \(hub.controlPort)
            key = "\(hub.directory)/hub.pub"

            \(extra)

            """, to: name + "/analyst.toml")
    }

    /// `borderwire tail`, until it ends by itself or is ended. To have everything from the log's beginning on, and not only
    /// from whenever its link is up, give `--since 0`.
    public func tail(
        _ arguments: [String], environment: [String: String?] = [:],
        appendingTo file: String? = nil, onLine: (@Sendable (String) -> Void)? = nil
    ) async throws(StageError) -> Running {
        try await stage.start(
            .analyst, ["tail", "--config", settings] + arguments, environment: environment,
            appendingTo: file, onLine: onLine)
    }

    /// `borderwire COMMAND --config analyst.toml ARGUMENTS`, to its end.
    public func run(
        _ command: String, _ arguments: [String] = [], within longest: Duration = Stage.patience
    ) async throws(StageError) -> Account {
        try await stage.run(.analyst, [command, "--config", settings] + arguments, within: longest)
    }
}

extension Stage {
    /// Makes an analyst, enrolled to read.
    public func analyst(
        _ name: String, _ hub: StageHub, read: [String], extra: String = ""
    ) async throws(StageError) -> StageAnalyst {
        let analyst = try StageAnalyst(name, hub, extra: extra)
        try await hub.enroll(analyst.publicKey, read: read)
        return analyst
    }

    /// The directory of the public keys that posts hand to analysts.
    func sharedKeys() throws(StageError) -> String { try makeDirectory("posts") }

    func share(_ publicKey: String) throws(StageError) {
        let name = publicKey.split(separator: "/").last.map(String.init) ?? ""
        guard let bytes = FileManager.default.contents(atPath: publicKey),
            FileManager.default.createFile(atPath: try sharedKeys() + "/" + name, contents: bytes)
        else { throw StageError("\(publicKey) can't be handed to the analysts") }
    }
}
