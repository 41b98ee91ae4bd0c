internal import AlertStore
internal import LogProof
public import Platform
public import Settings

/// The hub's settings file, `hub.toml`; config/hub.toml shows every key with its default.
public struct HubSettings: Sendable, Decodable {
    /// The hub's own key file.
    public var key: SettingsPath
    public var registry: SettingsPath
    /// The directory of the log, if its store keeps it in files, and of the file that says where the sockets are.
    public var state: SettingsPath
    /// nil: the usual places (``ReferenceData``).
    public var provinces: SettingsPath?
    public var listen: Listen
    public var store: StoreSettings
    public var limits: HubLimits
    public var retention: RetentionSettings
    public var escalation: EscalationSettings
    public var metrics: MetricsSettings
    /// The log, and who reads it.
    var log: any LogBackend

    public struct Listen: Sendable, Decodable {
        /// The interface's address, or `0.0.0.0` or `::` for all of them; the latter takes IPv4 too.
        public var address: NumericAddress
        /// TCP ports; 0: any free one.
        public var control: Int
        public var ingest: Int
        /// First and last port for feeds, one per distinct read grant; `[0, 0]`: any free ones.
        public var feeds: [Int]

        private enum CodingKeys: String, CodingKey {
            case address, control, ingest, feeds
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            address = try values.value(.address, default: .everyFour)
            control = try values.value(.control, default: 5560, in: 0...65_535)
            ingest = try values.value(.ingest, default: 5561, in: 0...65_535)
            feeds = try values.value(.feeds, default: [5562, 5599])
            guard feeds.count == 2, feeds[0] <= feeds[1], feeds.allSatisfy({ (0...65_535).contains($0) })
            else {
                throw values.refusal(of: .feeds, "must be two ports, the first not above the second")
            }
        }
    }

    private enum CodingKeys: String, CodingKey {
        case key, registry, state, provinces, listen, store, limits, retention, escalation, metrics
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        key = try values.decode(SettingsPath.self, forKey: .key)
        registry = try values.decode(SettingsPath.self, forKey: .registry)
        state = try values.decode(SettingsPath.self, forKey: .state)
        provinces = try values.decodeIfPresent(SettingsPath.self, forKey: .provinces)
        listen = try values.decode(Listen.self, forKey: .listen)
        store = try values.decodeIfPresent(StoreSettings.self, forKey: .store) ?? StoreSettings()
        limits = try values.decodeIfPresent(HubLimits.self, forKey: .limits) ?? HubLimits()
        retention =
            try values.decodeIfPresent(RetentionSettings.self, forKey: .retention) ?? RetentionSettings()
        escalation =
            try values.decodeIfPresent(EscalationSettings.self, forKey: .escalation) ?? EscalationSettings()
        metrics = try values.decodeIfPresent(MetricsSettings.self, forKey: .metrics) ?? MetricsSettings()
        log = store.backend(state: state.path, key: key.path)
    }

    /// Where the hub writes, once it is ready, on which ports it listens.
    public var endpoints: String { Files.path("endpoints.json", from: state.path) }
    /// Where it says which content of the registry is in force.
    var registryInForce: String { Files.path("registry-in-force.json", from: state.path) }
    /// The time that the hub expected when it last ran.
    public var clock: String { Files.path("clock.json", from: state.path) }
    /// The keys that follow one another, and until when the next one is only announced.
    var hubKeys: String { Files.path(HubKeyFile.name, from: state.path) }
    /// The operator's word for the clock, on its way to the running hub.
    public var clockWord: String { Files.path("clock.accepted", from: state.path) }
}

/// Bounds that an operator may want to move; what happens at each is said at its key in config/hub.toml.
public struct HubLimits: Sendable, Decodable {
    /// Alerts queued for one reader on its feed; beyond it libzmq drops for that reader, who then replays.
    public var feedQueue = 2_000
    /// Alerts queued from one post before they are checked; beyond it the post's connection is not read.
    public var ingestQueue = 1_000
    /// Alerts a second that one post may send, and as many at once after a silence; beyond it the post is told to wait.
    public var rate = 50_000
    /// Bytes of alerts a second that one post may send, and as many at once after a silence; beyond it it is told to wait.
    public var byteRate = ByteCount.mebibytes(16)
    /// Bytes of alerts that one post may send within a day; they come back evenly over the day. Beyond it it is told to wait.
    public var daily = ByteCount.mebibytes(1_024)
    /// Epochs that one post may begin within a day; beyond it its hello is refused.
    public var epochs = 100
    /// Different reads of one identity that are recorded within an hour; beyond it they are refused with `busy`. The same read
    /// again within ten minutes is no different one.
    public var auditRows = 5_000
    /// Alerts of one identity, or asked for by it, whose plates, vessels and documents are looked up within an hour: they come
    /// back evenly. Beyond it its alerts are stored and not looked up, and what it asks is refused with `busy`.
    public var related = 600
    /// Alerts of one author that are escalated within an hour: they come back evenly. Beyond it its further ones wait for that, and
    /// those of others are told before.
    public var escalations = 60
    /// Requests a second that one identity may make on control, and as many at once after a silence; a `hello` counts as
    /// ``Budgets/helloCost``. Beyond it they are refused with `busy`, or stay without an answer.
    public var requests = 1_000
    /// Requests of one identity that read the log, waiting or being answered, over all its connections; more are refused with
    /// `busy`.
    public var lookups = 16
    /// Connections of one identity to control, to ingest and to feeds each; a further one ends, and libzmq tries again.
    public var connections = 32
    /// Bytes of subscriptions of one identity, over all its connections to feeds; at the limit the connections are cut.
    public var subscriptions = ByteCount.kibibytes(256)
    /// Bytes of answers that the connections of one identity have not taken yet; beyond it answers are dropped, and requests
    /// that read the log are refused with `busy`.
    public var replyBytes = ByteCount.mebibytes(16)
    /// After so long without a word of a post, which has one every 10 s, it counts as silent.
    public var silence = Duration.seconds(60)
    /// Free space on the disk of the state directory below which the hub does not start.
    public var reserve = ByteCount.mebibytes(64)

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case feedQueue = "feed_queue"
        case ingestQueue = "ingest_queue"
        case byteRate = "byte_rate"
        case daily, epochs
        case auditRows = "audit_rows"
        case replyBytes = "reply_bytes"
        case rate, related, escalations, requests, lookups, connections, subscriptions, silence, reserve
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        feedQueue = try values.value(.feedQueue, default: feedQueue, in: 10...1_000_000)
        ingestQueue = try values.value(.ingestQueue, default: ingestQueue, in: 256...1_000_000)
        rate = try values.value(.rate, default: rate, in: 1...1_000_000)
        byteRate = try values.value(
            .byteRate, default: byteRate, in: .kibibytes(64)...(.mebibytes(65_536)))
        daily = try values.value(.daily, default: daily, in: .mebibytes(1)...(.mebibytes(65_536)))
        auditRows = try values.value(.auditRows, default: auditRows, in: 100...10_000_000)
        epochs = try values.value(.epochs, default: epochs, in: 1...1_000_000)
        related = try values.value(.related, default: related, in: 1...1_000_000)
        escalations = try values.value(.escalations, default: escalations, in: 1...1_000_000)
        requests = try values.value(.requests, default: requests, in: 20...1_000_000)
        lookups = try values.value(.lookups, default: lookups, in: 1...1_000)
        connections = try values.value(.connections, default: connections, in: 2...10_000)
        subscriptions = try values.value(.subscriptions, default: subscriptions)
        replyBytes = try values.value(.replyBytes, default: replyBytes)
        silence = try values.value(.silence, default: silence, in: .seconds(20)...(.seconds(86_400)))
        reserve = try values.value(.reserve, default: reserve)
    }
}

/// Where metrics and health are served (borderwire-hub(8), METRICS).
public struct MetricsSettings: Sendable, Decodable {
    /// false: nowhere.
    public var serve = true
    /// What is served there is for everyone who can reach it.
    public var address = NumericAddress.everyFour.fromHere
    /// TCP port; 0: any free one.
    public var port = 5559

    public init() {}

    private enum CodingKeys: String, CodingKey { case serve, address, port }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        serve = try values.value(.serve, default: serve)
        address = try values.value(.address, default: address)
        port = try values.value(.port, default: port, in: 0...65_535)
    }
}
