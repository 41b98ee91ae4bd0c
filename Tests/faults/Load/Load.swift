import Alerts
import Platform
import PostgresServer
import ProcessHarness
import Seeded

/// A hub, or three that share a log, two posts that publish and answer alerts at a steady rate, and three analysts with different filters and cursors: what faults are
/// tried on.
final class Load: Sendable {
    /// For all that is on its way to arrive, once the fault is over.
    static let settling = Duration.seconds(180)

    let testbed: Testbed
    /// The first of the hubs.
    let hub: TestHub
    let hubs: [TestHub]
    /// Where the hubs' log is; nil: in the files of the one hub.
    let servers: PostgresPair?
    let posts: [TestPost]
    let desks: [TailProcess]
    let feeders: [Feeder]
    let ledger = Ledger()

    /// Files and identities only. `prepare` gets the hub's and the posts' state directories, still empty.
    private init(
        hubExtra: String, address: String?, servers: PostgresPair?, stores: [String],
        prepare: (Testbed, TestHub, [TestPost]) async throws -> Void
    ) async throws {
        testbed = try Testbed(address: address)
        self.servers = servers
        hubs = stores.isEmpty ? [try testbed.hub(extra: hubExtra)] : try testbed.hubs(stores)
        hub = hubs[0]
        var posts: [TestPost] = []
        // The second is on duty for both provinces, and acknowledges.
        let provinces = ["koh-kong", "prey-veng"]
        let others = Array(hubs.dropFirst())
        posts.append(try await testbed.post(provinces[0], hub, others: others))
        posts.append(
            try await testbed.post(provinces[1], hub, others: others, read: provinces, duty: provinces))
        self.posts = posts
        var desks: [TailProcess] = []
        for audience in Audience.all {
            desks.append(
                TailProcess(
                    audience,
                    try await testbed.analyst(audience.name, hub, others: others, read: audience.read)))
        }
        self.desks = desks
        feeders = posts.map { [ledger] in Feeder($0, ledger) }
        try await prepare(testbed, hub, posts)
    }

    /// All that is in the log, in the order of offsets.
    func stored() throws -> [Stored] {
        if let servers { try Stored.all(servers) } else { try Stored.all(hub.database) }
    }

    /// Does something with a load, which is over when that is: also when it throws, and then its processes go too.
    /// - stores: where each of several hubs finds their log, in these servers.
    static func run(
        hubExtra: String = "", address: String? = nil, servers: PostgresPair? = nil, stores: [String] = [],
        prepare: (Testbed, TestHub, [TestPost]) async throws -> Void = { _, _, _ in },
        _ body: (Load) async throws -> Void
    ) async throws {
        let load = try await Load(
            hubExtra: hubExtra, address: address, servers: servers, stores: stores, prepare: prepare)
        defer { for feeder in load.feeders { feeder.stopFeeding() } }
        try await body(load)
    }

    /// Starts everything, and returns once every desk has printed something.
    /// - rate: drafts a second of each post. firstRate: the first post's, if that is another. closes: both seek somebody now and then,
    ///   and find them, after which the hub has to have nothing of it.
    func start(
        _ random: inout SeededRandom, rate: Int = Feeder.rate, firstRate: Int? = nil,
        closes: Bool = false, hubEnvironment: [String: String?] = [:]
    ) async throws {
        for hub in hubs { try await hub.start(environment: hubEnvironment) }
        for post in posts { try await post.start() }
        for desk in desks { try await desk.start() }
        let answerable = Drafts.Answerable()
        let ledger = ledger
        let isStored: @Sendable (AlertID) -> Bool = { ledger.isStored($0.description) }
        for (index, feeder) in feeders.enumerated() {
            let drafts = Drafts(
                province: posts[index].name, other: posts[1 - index].name, answerable: answerable,
                acknowledges: index == 1, isStored: closes ? isStored : nil, random: random.split())
            try await feeder.start(drafts, rate: index == 0 ? firstRate ?? rate : rate)
        }
        let isRunning = try await until(Load.settling) { desks.allSatisfy { !$0.printed().offsets.isEmpty } }
        if !isRunning { ledger.problem("not every analyst has printed something at the start") }
    }

    /// Whether the posts wait with their next drafts.
    func pause(_ pauses: Bool) { for feeder in feeders { feeder.pause(pauses) } }

    /// Ends the load, lets everything arrive, and counts.
    func settle(_ row: inout Row) async throws {
        // Both stop before either is waited for, so that their waits run at the same time.
        for feeder in feeders { feeder.stopFeeding() }
        for feeder in feeders { try await feeder.finish() }
        var check = Check(self)
        _ = try await until(Load.settling) { try check.isOutboxEmpty() }
        try check.readLog()
        _ = try await until(Load.settling) { check.isPrinted() }
        _ = try await until(Load.settling) { try check.isErased() }
        // A moment for what should not come.
        try await Task.sleep(for: .milliseconds(300))
        for desk in desks { try await desk.stop() }
        try check.count(&row)
        try await check.countErased(&row)
        for hub in hubs {
            let verified = try await hub.run("verify")
            if verified.status != 0 {
                row.problems.append(
                    "verify by \(hub.name): \(verified.output.suffix(3)) \(verified.talk.suffix(3))")
            }
        }
        for post in posts { try await post.stop() }
        for hub in hubs { try await hub.stop() }
    }
}

/// Asks again and again until it is so.
/// - Returns: false when it has not come to that in time.
func until(_ longest: Duration, _ isSo: () async throws -> Bool) async throws -> Bool {
    let end = steadyClock() + longest
    while try await !isSo() {
        guard steadyClock() < end else { return false }
        try await Task.sleep(for: .milliseconds(10))
    }
    return true
}
