internal import Alerts
internal import AlertStore
internal import JSON
internal import Platform
internal import Settings
internal import Wire

/// Erases the content of alerts whose time is over, in bites between which the writer has the database to itself.
struct Purge {
    /// Alerts looked at in one transaction that notes when they end: the writer waits for half a millisecond at most.
    static let judgedAtOnce = 64
    /// Alerts erased in one transaction, and bytes of their content: about 2 ms.
    static let erasedAtOnce = 64
    static let bytesAtOnce = 262_144
    /// Between two bites: so many times as long as the bite took, and at least this.
    static let rest = 4
    static let leastRest = Duration.milliseconds(10)

    private let log: any AlertEraser
    private let periods: RetentionSettings

    init(_ log: any AlertEraser, _ periods: RetentionSettings) {
        self.log = log
        self.periods = periods
    }

    /// The classes, each with the moment before which what expired is due.
    func moments(_ now: Timestamp) -> [(RetentionClass, Timestamp)] {
        RetentionClass.allCases.map { retention in
            let period =
                switch retention {
                case .movement: periods.movement
                case .suspect: periods.suspect
                case .practice: periods.exercise
                }
            return (retention, now.before(period))
        }
    }

    /// One bite, of whatever there is to do.
    /// - Returns: how many alerts were erased; nil when there is nothing left to do now.
    func bite(_ now: Timestamp) throws(StoreError) -> Int? {
        let judged = try log.judged()
        let (records, through) = try log.unjudged(after: judged, limit: Purge.judgedAtOnce)
        if judged < through {
            for record in records { _ = try OrderedErasure.carryOut(record, log) }
            try log.note(records.map(Purge.entry), through: through)
            return 0
        }
        for (retention, moment) in moments(now) {
            let due = try log.due(retention, expiredBefore: moment, limit: Purge.erasedAtOnce)
            guard !due.isEmpty else { continue }
            var bite: [(entry: RetentionEntry, digest: [UInt8])] = []
            var bytes = 0
            for entry in due where bytes < Purge.bytesAtOnce {
                // One that is gone is for verify to tell; here only its entry goes.
                let record = try log.record(at: entry.offset)
                bytes += record?.signed.payload.count ?? 0
                bite.append((entry, record?.payloadDigest ?? []))
            }
            try log.erase(bite)
            return bite.count
        }
        return nil
    }

    /// What an alert is of, and when it ends: at the latest so long after the hub received it as any alert may live, whatever the
    /// post's clock was. One that can't be read, which the hub would not have taken, is kept longest.
    static func entry(_ record: Record) -> RetentionEntry {
        let latest = Timestamp(milliseconds: record.received.milliseconds &+ Alert.Limits.life)
        if let facts = try? PostHeader(decoding: record.signed.header).facts, facts.notice != nil {
            // As long as what it is about, whose kind, status and end it has.
            let retention: RetentionClass =
                facts.status != Status.actual.code
                ? .practice : facts.kind == Kind.suspect.code ? .suspect : .movement
            return RetentionEntry(
                offset: record.offset, retention: retention, expires: min(facts.expires, latest))
        }
        guard let alert = try? JSONDocument(record.signed.payload).root,
            let kind = alert["kind"]?.string.flatMap(Kind.init), let status = alert["status"]?.string,
            let expires = alert["expires"]?.string.flatMap(Timestamp.init(rfc3339:))
        else {
            return RetentionEntry(offset: record.offset, retention: .suspect, expires: latest)
        }
        let retention: RetentionClass =
            status != Status.actual.rawValue ? .practice : kind == .suspect ? .suspect : .movement
        return RetentionEntry(offset: record.offset, retention: retention, expires: min(expires, latest))
    }
}

/// What a purge has done, or would do.
public struct PurgeReport: Sendable, Equatable {
    public struct Share: Sendable, Equatable {
        /// `movement`, `suspect` or `exercise`.
        public var name: String
        /// How long after its end such an alert is kept.
        public var period: Duration
        public var alerts: UInt64
        public var bytes: UInt64
    }

    public var shares: [Share] = []
    /// Nothing was changed.
    public var isDry = false
    /// Whether the store holds nothing of what was erased any more.
    public var isForgotten = true
    /// Why a purge would erase nothing of it now; nil: it would.
    public var doubt: String?
}

extension PurgeReport {
    /// - Returns: one line per class.
    static func dry(_ log: any AlertEraser, _ periods: RetentionSettings, _ now: Timestamp) throws(StoreError)
        -> PurgeReport
    {
        let purge = Purge(log, periods)
        let moments = purge.moments(now)
        var report = PurgeReport(isDry: true)
        for (retention, moment) in moments {
            let (alerts, bytes) = try log.extent(retention, expiredBefore: moment)
            report.shares.append(share(retention, periods, alerts, bytes))
        }
        // What no purge has looked at yet is looked at here, and nothing noted.
        var place = try log.judged()
        while true {
            let (records, through) = try log.unjudged(after: place, limit: Purge.judgedAtOnce)
            guard through > place else { return report }
            place = through
            for record in records {
                let entry = Purge.entry(record)
                guard let index = moments.firstIndex(where: { $0.0 == entry.retention }),
                    entry.expires < moments[index].1
                else { continue }
                report.shares[index].alerts += 1
                report.shares[index].bytes += UInt64(record.signed.payload.count)
            }
        }
    }

    private static func share(
        _ retention: RetentionClass, _ periods: RetentionSettings, _ alerts: UInt64, _ bytes: UInt64
    ) -> Share {
        switch retention {
        case .movement: Share(name: "movement", period: periods.movement, alerts: alerts, bytes: bytes)
        case .suspect: Share(name: "suspect", period: periods.suspect, alerts: alerts, bytes: bytes)
        case .practice: Share(name: "exercise", period: periods.exercise, alerts: alerts, bytes: bytes)
        }
    }
}

/// `borderwire-hub purge`. The running hub purges by itself; this says what is due, or does it at once.
public enum PurgeCommand {
    /// - Throws: ``Failure`` with status `tempFail` where the clock is not believed; a dry run says what would be due by it, and
    ///   has the doubt in its report.
    public static func run(_ settings: HubSettings, isDry: Bool) throws -> PurgeReport {
        let time = HubTime.atStart(settings, received: try ClockCommand.lastReceived(settings))
        guard isDry || time.erasing != nil else {
            throw Failure(
                "nothing is erased: \(time.doubt?.words ?? "the clock is not believed")", status: .tempFail)
        }
        let over = time.erasing ?? Timestamp(milliseconds: time.clock.milliseconds - HubTime.far)
        var report = try run(settings.log, settings.retention, isDry: isDry, now: over)
        if time.erasing == nil { report.doubt = time.doubt?.words }
        return report
    }

    static func run(
        _ backend: any LogBackend, _ periods: RetentionSettings, isDry: Bool, now: Timestamp
    ) throws(StoreError) -> PurgeReport {
        let log = try backend.eraser()
        defer { try? log.close() }
        var report = try PurgeReport.dry(log, periods, now)
        guard !isDry else { return report }
        report.isDry = false
        let total = report.shares.reduce(0) { $0 + $1.alerts }
        let purge = Purge(log, periods)
        var progress = Progress("erasing")
        var erased: UInt64 = 0
        while let count = try PurgeThread.patiently(purge.bite(now)) {
            erased += UInt64(count)
            progress.show(erased, of: max(total, erased))
        }
        progress.end()
        report.isForgotten = try PurgeThread.patiently(log.forget())
        return report
    }
}
