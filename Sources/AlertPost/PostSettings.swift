public import HubLink
public import Platform
public import Settings

/// A post's settings file, `post.toml`; config/post.toml shows every key with its default.
public struct PostSettings: Sendable, Decodable {
    /// The post's own key file; its name is the post's name.
    public var key: SettingsPath
    /// The directory of the outbox and of the daemon's local socket.
    public var state: SettingsPath
    public var hub: HubList
    /// The province that alerts of this post concern first, where a draft names none; nil: each draft must.
    public var province: String?
    /// nil: the usual places (``ReferenceData``).
    public var provinces: SettingsPath?
    /// The directory whose group may write alerts here from its consoles; nil: nobody may.
    public var desk: SettingsPath?
    public var outbox: OutboxLimits

    public struct OutboxLimits: Sendable, Decodable {
        /// Alerts that may wait for the hub; `publish` is refused beyond it.
        public var most = Outbox.mostWaiting
        /// How long answered alerts are kept.
        public var keep = Outbox.retention
        /// Free space on the disk of the state directory below which the daemon does not start; `publish` goes on as long
        /// as there is any.
        public var reserve = ByteCount.mebibytes(16)

        init() {}

        private enum CodingKeys: String, CodingKey { case most, keep, reserve }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            most = try values.value(.most, default: most, in: 1...100_000_000)
            keep = try values.value(.keep, default: keep)
            reserve = try values.value(.reserve, default: reserve)
        }
    }

    /// The outbox of an identity that has other settings, as an analyst has.
    public init(key: SettingsPath, state: SettingsPath, hub: HubList, provinces: SettingsPath?) {
        self.key = key
        self.state = state
        self.hub = hub
        self.provinces = provinces
        outbox = OutboxLimits()
    }

    private enum CodingKeys: String, CodingKey {
        case key, state, hub, province, provinces, desk, outbox
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        key = try values.decode(SettingsPath.self, forKey: .key)
        state = try values.decode(SettingsPath.self, forKey: .state)
        hub = try values.decode(HubList.self, forKey: .hub)
        province = try values.decodeIfPresent(String.self, forKey: .province)
        provinces = try values.decodeIfPresent(SettingsPath.self, forKey: .provinces)
        desk = try values.decodeIfPresent(SettingsPath.self, forKey: .desk)
        outbox = try values.decodeIfPresent(OutboxLimits.self, forKey: .outbox) ?? OutboxLimits()
    }

    public var outboxFile: String { Files.path("outbox.db", from: state.path) }
    /// The latest checkpoint that the hub has signed.
    var checkpointFile: String { Files.path("hub.checkpoint", from: state.path) }
    /// The hubs of the settings, and the keys that they have handed over to.
    public func hubs() throws -> Hubs { try Hubs(hub, state: state.path) }

    /// What is wrong with this machine's clock, as the daemon found out from the hub; none: nothing that anyone minds.
    var skewFile: String { Files.path("clock", from: state.path) }
    /// Held by the daemon while it runs.
    var lockFile: String { Files.path("post.lock", from: state.path) }
    /// Whether a program sends what is in this outbox.
    public func isServed() throws -> Bool {
        try Failure.reported(FileLock.isHeld(lockFile))
    }
    /// Where consoles reach the daemon; nil: they may not.
    public var deskSocket: String? { desk.map { PostSettings.deskSocket(in: $0.path) } }
    static func deskSocket(in directory: String) -> String { Files.path("desk", from: directory) }
    /// Where `publish` and `status` reach the daemon. The directory's mode says who may.
    func localEndpoint() throws(Failure) -> String {
        let path = Files.path("post.ipc", from: state.path)
        guard path.utf8.count <= PostSettings.longestSocketPath else {
            throw Failure(
                "\(path) has \(path.utf8.count) bytes, and a local socket's path at most "
                    + "\(PostSettings.longestSocketPath)",
                remedy: "set state to a shorter path", status: .config)
        }
        return "ipc://" + path
    }
    /// Bytes of sun_path but for its closing zero (unix(7)).
    static let longestSocketPath = 107
}
