package import Alerts

/// What the hub knows of time, and what it may do by it. A value: readings and posts' clocks in, answers out.
///
/// The wall clock is one comparison of several; the others are the time at which the hub last ran, the log's last time, the posts'
/// clocks, and how long the hub has run since by a clock that nobody sets. What can't be taken back waits until they agree:
/// erased content never comes back, and `received` never decreases, so one alert stamped with a year ahead would leave all
/// later ones there. Alerts never wait: they are stamped with what the time must be at least.
///
/// Everything is counted from ``now(steady:)``, the hub's own time scale, which no one can set: intervals are measured on it.
package struct HubTime: Sendable, Equatable {
    /// Milliseconds by which two witnesses may differ and still agree: a day. A clock that is off by a time zone, and a hub that
    /// was off for a night, need nobody's word; what is done in that time can be borne.
    static let far: Int64 = 86_400_000
    /// So many posts' clocks have a say together. Fewer have none: of three, one that lies moves the median to an honest one.
    static let fewestPosts = 3
    /// A post's clock counts for so long after its last sign of life, which comes every 10 s; in milliseconds.
    static let freshness: Int64 = 60_000
    /// 2026-11-01: the program is younger than that, so a clock that shows less has lost its battery.
    static let earliest: Int64 = 1_793_491_200_000
    /// The year 9999: a post's clock that shows more is ignored.
    static let latest: Int64 = 253_402_300_799_999

    /// Who speaks against the clock.
    enum Comparison: String, Sendable, Equatable {
        case lastRun, log, thisRun, posts, program
    }

    /// How far the clock is from what the hub knows, in milliseconds, and by whom.
    enum Doubt: Sendable, Equatable {
        case ahead(by: Int64, of: Comparison)
        case behind(by: Int64, of: Comparison)
    }

    /// Where the expected time is from.
    private enum Source: Sendable, Equatable {
        /// The clock alone, when nothing was known to compare it with.
        case clock
        /// An earlier run, or the log.
        case history
        case posts
        /// The operator: the posts are not asked.
        case word
    }

    private struct Sample: Sendable, Equatable {
        var offset: Int64
        var at: Int64
    }

    /// The hub's own time less the steady clock, in milliseconds.
    private let origin: Int64
    private var at: Int64
    // Everything below is an offset from the hub's own time, in milliseconds.
    private var wall: Int64
    private var expected: Int64
    private var source: Source
    private var comparison: Comparison
    /// The hub was off for an unknown time, so that it is later than expected, or as late. Such times add up until someone
    /// confirms the clock: one that goes further ahead with each start is not followed.
    private var isLeast: Bool
    private var samples: [String: Sample] = [:]
    private var median: Int64?
    private var counted: Int64
    /// Whether the kernel calls the clock synchronised; nil: it doesn't say.
    var isSynchronised: Bool?

    /// - lastRun: what was expected when the hub last ran, and whether anyone but its clock had said so; nil: not known. received:
    ///   the log's last time; nil: the log is empty.
    package init(
        wall: Timestamp, steady: Duration, lastRun: (time: Timestamp, isConfirmed: Bool)? = nil,
        received: Timestamp? = nil, isSynchronised: Bool? = nil
    ) {
        let wall = wall.milliseconds
        // Where the last run is known the log's time adds nothing, since the same clock has stamped it.
        let known =
            lastRun?.time.milliseconds ?? received.map { min(max($0.milliseconds, 0), HubTime.latest) }
        comparison = lastRun != nil ? .lastRun : received != nil ? .log : .thisRun
        source = known == nil || lastRun?.isConfirmed == false ? .clock : .history
        let agrees = known.map { abs($0 - wall) <= HubTime.far } ?? true
        at = known ?? max(wall, HubTime.earliest)
        isLeast = known != nil || wall < HubTime.earliest
        if agrees { comparison = wall < HubTime.earliest ? .program : .thisRun }
        origin = at - steady.inMilliseconds
        self.wall = wall - at
        expected = 0
        counted = at
        self.isSynchronised = isSynchronised
        settle()
    }

    // MARK: What comes in

    /// A reading of both clocks.
    /// - Returns: ``now(steady:)``.
    @discardableResult
    package mutating func read(wall: Timestamp, steady: Duration) -> Timestamp {
        at = now(steady: steady).milliseconds
        self.wall = wall.milliseconds - at
        if at - counted >= 1_000 { count() }
        settle()
        return Timestamp(milliseconds: at)
    }

    /// What a post's clock shows, at a moment of the hub's own time.
    mutating func heard(_ post: String, clock: Int64, at now: Timestamp) {
        guard (0...HubTime.latest).contains(clock) else { return }
        samples[post] = Sample(offset: clock - now.milliseconds, at: now.milliseconds)
        count()
        settle()
    }

    /// Forgets the clocks of identities that may not publish any more.
    mutating func keep(_ isKept: (String) -> Bool) {
        samples = samples.filter { isKept($0.key) }
        count()
    }

    /// The operator's word that the clock is right now.
    package mutating func accept() {
        expected = wall
        source = .word
        comparison = .thisRun
        isLeast = false
    }

    private mutating func count() {
        counted = at
        samples = samples.filter { at - $0.value.at <= HubTime.freshness }
        let offsets = samples.values.map(\.offset).sorted()
        // Of an even number the lower one: the earlier time does less.
        median = offsets.count >= HubTime.fewestPosts ? offsets[(offsets.count - 1) / 2] : nil
    }

    /// Takes over what the posts have confirmed as what is expected from here on. A clock that they don't confirm is borne within
    /// ``far`` and moves nothing, so that many small steps don't add up. The kernel's word counts once in a run, for the time that
    /// the hub was off.
    private mutating func settle() {
        if let median, doubt == nil ? abs(median - wall) <= HubTime.far : followsPosts {
            expected = median
            source = .posts
        } else if doubt == nil, isSynchronised == true, isLeast {
            expected = wall
        } else {
            return
        }
        comparison = .thisRun
        isLeast = false
    }

    // MARK: What it says

    /// The hub's own time: it began with the hub's start, and goes on whatever is done to the clock.
    package func now(steady: Duration) -> Timestamp {
        Timestamp(milliseconds: origin + steady.inMilliseconds)
    }

    /// Why the clock is not believed; nil: it is.
    var doubt: Doubt? {
        let isAsked = median != nil && source != .word
        let base = isAsked ? median ?? expected : expected
        let difference = wall - base
        if difference > HubTime.far { return .ahead(by: difference, of: isAsked ? .posts : comparison) }
        if difference < -HubTime.far { return .behind(by: -difference, of: isAsked ? .posts : comparison) }
        let age = at + wall - HubTime.earliest
        return age < 0 ? .behind(by: -age, of: .program) : nil
    }

    /// Whether the posts' clocks decide: the hub's own clock and what it remembers don't agree with each other. Where they do, no
    /// number of posts moves the time.
    private var followsPosts: Bool {
        median != nil && source != .word && (source == .clock || !agreesWithHistory)
    }

    private var agreesWithHistory: Bool { abs(wall - expected) <= HubTime.far }

    /// The time that alerts are stamped with and that peers are told, as an offset from the hub's own time.
    ///
    /// A clock far ahead, and too few posts to say so: one post that agrees with it is enough for a stamp. It can only confirm what
    /// the hub's own clock says, and nothing is erased by it.
    var shift: Int64 {
        if doubt == nil { return wall }
        if followsPosts { return median ?? expected }
        if agreesWithHistory { return wall }
        let isSupported = median == nil && samples.values.contains { abs($0.offset - wall) <= HubTime.far }
        return isSupported ? wall : expected
    }

    /// ``shift`` applied.
    var time: Timestamp { Timestamp(milliseconds: at + shift) }

    /// It is certainly no earlier than this: nothing runs out by a clock that is not believed.
    var certain: Timestamp {
        guard doubt != nil else { return Timestamp(milliseconds: at + wall) }
        return Timestamp(milliseconds: at + min(wall, expected, median ?? wall))
    }

    /// What ended before this moment is over, even if the clock is wrong by as much as can go unnoticed; nil: nobody knows,
    /// and nothing may be erased.
    package var erasing: Timestamp? {
        if case .ahead = doubt { return nil }
        return Timestamp(milliseconds: certain.milliseconds - HubTime.far)
    }

    /// No alert can have been sent later; nil: nobody knows.
    var latestSent: Timestamp? {
        if case .behind = doubt, isLeast, median == nil { return nil }
        return Timestamp(milliseconds: at + max(wall, expected, median ?? wall) + Alert.Limits.ahead)
    }

    /// What to remember for the next run.
    package var known: (time: Timestamp, isConfirmed: Bool) {
        (Timestamp(milliseconds: at + expected), source != .clock)
    }

    /// What the clock itself shows.
    var clock: Timestamp { Timestamp(milliseconds: at + wall) }

    /// Posts whose clocks count now.
    var posts: Int { samples.count }

    /// By how much the log's last time is ahead; nil: it is not, or not worth a word.
    func ahead(of received: Timestamp) -> Int64? {
        let difference = min(max(received.milliseconds, 0), HubTime.latest) - at - max(shift, wall)
        return difference > HubTime.far ? difference : nil
    }
}
