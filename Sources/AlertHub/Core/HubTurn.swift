internal import AlertStore
internal import Alerts

/// What has come from a peer.
struct PeerMessage: Sendable {
    var frames: [[UInt8]]
    /// Frames of the message that were dropped, since it had more than the bound.
    var excess = 0
    /// The routing id to answer to; empty where nobody is answered.
    var peer: [UInt8] = []
    var user: String?
    var address: String?
    /// The descriptor of the connection that it came over; -1 where there is none.
    var connection: Int32 = -1
}

/// A reading of both clocks: the steady one, and the hub's own time, which no one can set.
struct Moment: Sendable, Equatable {
    var steady: Duration
    var now: Timestamp
}

/// The world around the hub's core: sockets, threads and a disk, or a simulation of them.
protocol HubOutside: AnyObject {
    /// What has come, in its order; nil: nothing more for now.
    func nextHandshake() throws -> Handshake?
    func nextRequest() throws -> PeerMessage?
    func nextAlert() throws -> PeerMessage?
    /// A message was taken off the connection with this descriptor, which is the account's.
    func took(_ request: PeerMessage, of account: String)
    /// What the thread that reads the log has done since the last call.
    func collect() -> (answers: [LogAnswer], arrivals: [(Handshake.Arrival, isRecorded: Bool)])
    /// Whether nobody else can be let in.
    var isShortOfDescriptors: Bool { get }
    /// Where older alerts are looked up.
    var log: any AlertReader { get }
    func random(_ count: Int) -> [UInt8]
    /// - Returns: nil: it is under way, and ``finishedCommit()`` gives its outcome.
    func commit(_ batch: Batch) throws -> CommitOutcome?
    func finishedCommit() -> CommitOutcome?
    /// - Returns: what the core is to know of it.
    func perform(_ action: Action, at moment: Moment) throws -> Consequence?
    func steady() -> Duration

    // Of a shared log alone.

    /// What has come of what was ordered; nil: nothing more for now.
    func nextNews() -> SharedNews?
    func order(_ order: SharedOrder)
    /// ``log`` has lost the store: the next look-up is to be made over another connection.
    func reopenLog()
}

/// What became of a batch: on disk, or why it is not; and how long that took.
typealias CommitOutcome = (error: StoreError?, took: Duration)

/// The order in which the hub takes, decides, commits and tells, and how much of each at a time. The one for the real loop
/// and for the simulation.
struct HubTurn: Sendable {
    /// Messages taken from one socket per turn, so that none starves the others.
    static let mostPerTurn = 512
    /// Alerts taken per turn. After them the loop looks whether a commit is done, since posts wait for its answers.
    static let alertsPerTurn = 64
    /// Time per turn for requests, and for alerts: however long one of the two kinds takes, the other gets its turn.
    static let longest = Duration.milliseconds(4)

    var core: HubCore
    /// The batch that is committed now.
    private var committing: Commit?
    /// Whatever comes of it is told to nobody: the lease was lost meanwhile.
    private var isCommitGivenUp = false
    /// Committed, and not answered yet.
    private var answering: [Commit] = []
    /// nil: the log is this hub's own.
    var sharing: Sharing?

    private struct Commit {
        /// When its alerts were taken.
        var taken: Duration
        var alerts: Int
    }

    init(_ core: HubCore) { self.core = core }

    /// Of a hub that shares its log: it follows, until it has the lease.
    /// - name: under which it takes it.
    init(_ core: HubCore, sharedBy name: String) {
        self.core = core
        self.core.share()
        sharing = Sharing(name)
    }

    var isCommitting: Bool { committing != nil }

    /// One turn, from what has come to what is told of it.
    mutating func run(_ outside: some HubOutside, at moment: Moment) throws {
        try takeNews(outside, moment)
        try takeHandshakes(outside, moment)
        try takeRequests(outside, moment)
        try tend(outside, moment)
        // All orders of the operator since the last batch are carried out together.
        let error = core.carryOutOrders(at: moment.now, log: outside.log, random: outside.random)
        try waitOut(error, outside)
        takeAnswers(outside, moment)
        try act(outside, moment)
        if core.isAnswering {
            try takeAlerts(outside, moment)
            try commit(outside, moment)
        }
        try act(outside, moment)
        measure(outside)
    }

    /// A turn of a hub that stops: alerts that have come are still stored, and are answered by ``act(_:_:)`` at the end;
    /// nothing else is begun. A post that gets no answers sends no more than its window, so that this ends soon.
    mutating func drain(_ outside: some HubOutside, at moment: Moment) throws {
        guard core.isAnswering else { return }
        try takeAlerts(outside, moment)
        try commit(outside, moment)
    }

    /// Performs what the core asks for, until it asks for nothing more.
    mutating func act(_ outside: some HubOutside, _ moment: Moment) throws {
        while case let actions = core.takeActions(), !actions.isEmpty {
            for action in actions {
                if let consequence = try outside.perform(action, at: moment) {
                    core.learn(consequence, at: moment.now)
                }
            }
        }
    }

    // MARK: What has come

    private mutating func takeHandshakes(_ outside: some HubOutside, _ moment: Moment) throws {
        for _ in 0..<HubTurn.mostPerTurn {
            guard let handshake = try outside.nextHandshake() else { break }
            core.asked(handshake, isShort: outside.isShortOfDescriptors, at: moment.now)
        }
        try act(outside, moment)
        core.askAgain()
        try act(outside, moment)
    }

    private mutating func takeRequests(_ outside: some HubOutside, _ moment: Moment) throws {
        let end = outside.steady() + HubTurn.longest
        for _ in 0..<HubTurn.mostPerTurn {
            guard let message = try outside.nextRequest() else { return }
            outside.took(message, of: core.account(of: message.user ?? ""))
            core.controlled(
                message.frames, from: message.peer, user: message.user, address: message.address,
                at: moment.now)
            if outside.steady() >= end { return }
        }
    }

    private mutating func takeAnswers(_ outside: some HubOutside, _ moment: Moment) {
        let done = outside.collect()
        for (arrival, isRecorded) in done.arrivals {
            core.recorded(arrival, isRecorded: isRecorded, at: moment.now)
        }
        for answer in done.answers { core.looked(answer, at: moment.now) }
    }

    private mutating func takeAlerts(_ outside: some HubOutside, _ moment: Moment) throws {
        let end = outside.steady() + HubTurn.longest
        for _ in 0..<HubTurn.alertsPerTurn where !core.isBatchFull {
            guard let message = try outside.nextAlert() else { return }
            // Not as an argument: self would be copied for the call, and then the core's dictionaries for each alert.
            let error = core.ingested(
                message.frames, excess: message.excess, user: message.user, at: moment.now, log: outside.log)
            try waitOut(error, outside)
            if outside.steady() >= end { return }
        }
    }

    /// A lock that another program holds on the log is waited out, as with a commit. After any other failure to read it the
    /// disk can't be trusted, and the hub ends.
    private func waitOut(_ error: StoreError?, _ outside: some HubOutside) throws {
        guard let error, error.cause != .locked else { return }
        // Who does not hear its store soon knows it.
        guard sharing != nil, error.cause == .unreachable else { throw error }
        outside.reopenLog()
    }

    // MARK: What is committed

    private mutating func commit(_ outside: some HubOutside, _ moment: Moment) throws {
        if let commit = committing {
            guard let outcome = outside.finishedCommit() else { return }
            committing = nil
            if isCommitGivenUp {
                isCommitGivenUp = false
            } else {
                try settle(commit, outcome, outside, moment)
            }
        }
        guard let batch = core.closeBatch(at: moment.now) else { return }
        let commit = Commit(taken: moment.steady, alerts: batch.records.count + batch.refusals.count)
        if let outcome = try outside.commit(batch) {
            try settle(commit, outcome, outside, moment)
        } else {
            committing = commit
        }
    }

    /// A full disk and another program's lock are waited out; after any other failure the disk can't be trusted, and a new
    /// start must read what is really there.
    private mutating func settle(
        _ commit: Commit, _ outcome: CommitOutcome, _ outside: some HubOutside, _ moment: Moment
    ) throws {
        guard let error = outcome.error else {
            core.committed(in: outcome.took, at: moment.now)
            return answering.append(commit)
        }
        if sharing != nil, error.cause.endsTerm { return lose("\(error)", outside) }
        guard error.cause.isPassing else { throw error }
        core.rolledBack(error, at: moment.now)
    }

    /// What comes of the batch under way counts no more.
    mutating func giveUpCommit() { isCommitGivenUp = isCommitting }

    /// The answers to the batch have left; their latency is counted.
    private mutating func measure(_ outside: some HubOutside) {
        guard !answering.isEmpty else { return }
        let now = outside.steady()
        for commit in answering { core.answered(commit.alerts, after: now - commit.taken) }
        answering = []
    }
}
