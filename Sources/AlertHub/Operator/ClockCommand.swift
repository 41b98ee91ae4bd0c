public import Alerts
internal import AlertStore
internal import Glibc
internal import Platform
internal import Settings
internal import Wire

/// `borderwire-hub clock`: what the hub knows of time, and the operator's word for its clock.
public enum ClockCommand {
    /// The running hub looks for the word each second; this leaves room for a busy machine.
    static let patience = Duration.seconds(10)
    static let pause = Duration.milliseconds(50)

    public struct Report: Sendable, Equatable {
        /// What the clock shows, and what the hub takes for right.
        public var clock: Timestamp
        public var time: Timestamp
        /// nil: the kernel doesn't say.
        public var isSynchronised: Bool?
        /// Posts whose clocks count; nil: no hub runs, which is what hears them.
        public var posts: Int?
        /// Why the clock is not believed, and what waits.
        public var doubt: String?
        /// What is wrong with the log's last time.
        public var log: String?
    }

    /// Of the running hub, or of the files where none answers.
    public static func report(_ settings: HubSettings) throws -> Report {
        if try settings.log.isInUse(), let status = try? StatusQuery.ask(settings),
            let clock = status.clock
        {
            return Report(
                clock: Timestamp(milliseconds: clock.wall), time: Timestamp(milliseconds: status.time),
                isSynchronised: clock.synchronised, posts: clock.posts, doubt: clock.doubt,
                log: clock.logAhead.map(HubTime.words(logAhead:)))
        }
        let received = try lastReceived(settings)
        let time = HubTime.atStart(settings, received: received)
        return Report(
            clock: time.clock, time: time.time, isSynchronised: time.isSynchronised, posts: nil,
            doubt: time.doubt?.words,
            log: received.flatMap(time.ahead).map(HubTime.words(logAhead:)))
    }

    /// The operator's word that the clock is right: for the hub that runs, or for the next start.
    /// - Returns: what the clock showed.
    public static func accept(_ settings: HubSettings) throws -> Timestamp {
        guard try Files.facts(of: settings.state.path)?.kind == .directory else {
            throw Failure("\(settings.state) is not a directory", status: .config)
        }
        let now = wallClockMilliseconds()
        guard now >= HubTime.earliest else {
            throw Failure(
                "the clock shows a time before this program was made", remedy: "set it", status: .dataError)
        }
        guard try settings.log.isInUse() else {
            try ClockFile(time: now, confirmed: true).write(settings)
            return Timestamp(milliseconds: now)
        }
        try ClockWord(clock: now).write(settings)
        let end = steadyClock() + patience
        while try Files.facts(of: settings.clockWord) != nil {
            guard steadyClock() < end else {
                try Files.remove(settings.clockWord)
                throw Failure(
                    "the running hub has not taken the word", remedy: "see its log, and try again",
                    status: .tempFail)
            }
            usleep(UInt32(pause / .microseconds(1)))
        }
        return Timestamp(milliseconds: now)
    }

    /// Now, for what a command writes down.
    /// - orLongAgo: where the clock is not believed, a moment that is over by any clock: what must end does not wait for it.
    /// - Throws: ``Failure`` where the clock is not believed.
    public static func now(_ settings: HubSettings, orLongAgo: Bool = false) throws -> Timestamp {
        let report = try report(settings)
        guard let doubt = report.doubt else { return report.clock }
        if orLongAgo { return Timestamp(milliseconds: 0) }
        throw Failure(doubt, status: .tempFail)
    }

    /// nil: there is no log, or an empty one.
    static func lastReceived(_ settings: HubSettings) throws -> Timestamp? {
        do throws(StoreError) {
            let reader = try settings.log.reader()
            defer { try? reader.close() }
            return try reader.record(at: try reader.head())?.received
        } catch {
            // Or one that was made and never opened by a hub.
            if error.cause == .missing { return nil }
            throw error
        }
    }
}
