public import Alerts
internal import AlertStore
internal import Platform
internal import Settings
internal import Wire

/// The operator's word on alerts of others: `withdraw`, `erase`, and what follows a revocation. The running hub is the log's
/// one writer, so that without one nothing of this can be done.
public enum NoticeCommand {
    /// For an answer, which comes after the commit.
    static let patience = Duration.seconds(20)
    /// Between two tries where the hub is busy.
    static let pause = Duration.milliseconds(50)

    /// What was done.
    public struct Report: Sendable, Equatable {
        /// Offsets of the notices, in the order in which they were made.
        public var notices: [UInt64] = []
        public var alerts = 0
        /// Alerts of a post that are in the log, withdrawn before or not.
        public var seen = 0
        /// Contents that were there and are erased now.
        public var erased = 0
        /// Whether the store holds nothing of them any more.
        public var isForgotten = true
    }

    public static func withdraw(_ id: String, reason: String, _ settings: HubSettings) throws -> Report {
        try running(settings) { () throws in
            try OperatorCall.run(settings) { call in
                let offset = try notice(&call) {
                    .withdraw(Request.Order(request: $0, alerts: [id], reason: reason))
                }
                return Report(notices: [offset], alerts: 1)
            }
        }
    }

    /// The notice first, then the content: whoever finds it gone then finds why.
    public static func erase(_ id: String, reason: String, _ settings: HubSettings) throws -> Report {
        let offset = try running(settings) { () throws in
            try OperatorCall.run(settings) { call in
                try notice(&call) { .erase(Request.Order(request: $0, alerts: [id], reason: reason)) }
            }
        }
        do throws(StoreError) {
            let log = try settings.log.eraser()
            defer { try? log.close() }
            var report = Report(notices: [offset], alerts: 1)
            guard let record = try log.record(at: offset) else { return report }
            report.erased = try PurgeThread.patiently(OrderedErasure.carryOut(record, log))
            report.isForgotten = try PurgeThread.patiently(log.forget())
            return report
        } catch {
            throw Failure(
                "the notice is in the log at offset \(offset), and the content is not erased yet: \(error)",
                remedy: "the running hub tries again by itself each minute", status: .tempFail)
        }
    }

    /// Withdraws all that a post sent since a moment and that is not withdrawn. To be called once nothing of it comes in any
    /// more; can be called again.
    public static func withdrawAll(
        of name: String, since: Timestamp, reason: String, _ settings: HubSettings
    ) throws -> Report {
        try running(settings) { () throws in
            try OperatorCall.run(settings) { call in
                var report = Report()
                let (found, seen) = try sent(by: name, since: since, &call)
                report.seen = seen
                // A notice is of one kind and one status, as it is kept as long as what it is about.
                let groups = Dictionary(grouping: found) { [$0.kind, $0.status] }
                for (_, group) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                    for start in stride(from: 0, to: group.count, by: PostHeader.mostReferences) {
                        let ids = group[start..<min(start + PostHeader.mostReferences, group.count)].map(\.id)
                        report.notices.append(
                            try notice(&call) {
                                .withdraw(Request.Order(request: $0, alerts: ids, reason: reason))
                            })
                        report.alerts += ids.count
                    }
                }
                return report
            }
        }
    }

    private static func sent(
        by name: String, since: Timestamp, _ call: inout OperatorCall
    ) throws -> (left: [Reply.Compromised.Sent], seen: Int) {
        var found: [Reply.Compromised.Sent] = []
        var withdrawn: Set<String> = []
        var after: UInt64?
        while true {
            let place = after
            let reply = try patiently(&call) {
                .compromised(
                    Request.Compromised(
                        request: $0, identity: name, since: since.milliseconds, after: place))
            }
            guard case .compromised(let page) = reply else {
                throw OperatorCall.failure(reply, refused: .dataError)
            }
            found += page.alerts
            withdrawn.formUnion(page.withdrawn)
            if page.through >= page.head { break }
            guard page.through > after ?? 0 else { throw OperatorCall.failure(reply, refused: .dataError) }
            after = page.through
        }
        return (found.filter { !withdrawn.contains($0.id) }, found.count)
    }

    /// - Returns: the notice's offset.
    private static func notice(
        _ call: inout OperatorCall, _ make: (UInt64) -> Request
    ) throws -> UInt64 {
        let reply = try patiently(&call, make)
        guard case .noticed(let done) = reply else { throw OperatorCall.failure(reply, refused: .dataError) }
        return done.offset
    }

    /// Asks again while the hub is busy.
    private static func patiently(
        _ call: inout OperatorCall, _ make: (UInt64) -> Request
    ) throws -> Reply {
        let end = steadyClock() + patience
        while true {
            let reply = try call.ask(patience, make)
            guard case .refused(let refused) = reply else { return reply }
            let isPassing = refused.code == .busy || refused.code == .unavailable
            guard isPassing, steadyClock() < end else {
                throw OperatorCall.failure(reply, refused: isPassing ? .tempFail : .dataError)
            }
            sleep(pause)
        }
    }

    private static func running<Result>(_ settings: HubSettings, _ body: () throws -> Result) throws -> Result
    {
        guard try settings.log.isInUse() else {
            throw Failure(
                "no hub runs, and only the running hub writes to its log",
                remedy: "start it, and give this again", status: .tempFail)
        }
        do { return try body() } catch let error as Failure where error.exitStatus == .unavailable {
            throw Failure(
                "\(error.cause); only the running hub writes to its log", remedy: error.remedy,
                status: .tempFail)
        }
    }
}
