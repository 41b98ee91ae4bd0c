internal import Alerts
internal import HubLink
internal import Identity
public import LogProof
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// What an analyst's own verification found out.
public struct ReaderReport: Sendable, Equatable {
    /// 16 hexadecimal digits.
    public var log = ""
    public var from: UInt64 = 1
    public var through: UInt64 = 0
    /// Kept checkpoints that the hub's log still continues, by the name of their cursor.
    public var checkpoints: [String] = []
    /// Those of another log, which say nothing about this one.
    public var otherLogs: [String] = []
    public var alerts: UInt64 = 0
    public var sealed: UInt64 = 0
    public var erased: UInt64 = 0
    /// Alerts of posts whose key isn't in the settings' directory, by post.
    public var withoutKey: [String: UInt64] = [:]
    public var findings: [LogFinding] = []
}

/// `borderwire verify`: asks the hub for what this analyst may read, and believes nothing of it.
public struct VerifyRun {
    public var from: UInt64
    /// nil: the log's end.
    public var through: UInt64?
    /// nil: every checkpoint in the state directory.
    public var cursor: String?

    public init(from: UInt64, through: UInt64?, cursor: String?) {
        self.from = from
        self.through = through
        self.cursor = cursor
    }

    /// - tell: gets sentences for whoever runs it.
    public func run(_ settings: ReaderSettings, tell: @escaping (String) -> Void) throws -> ReaderReport {
        let keys = try KeyFiles.readSecret(settings.key.path)
        let hubs = try settings.hubs(for: keys.name)
        let hub = hubs.known
        let keyring = try settings.keyring(with: hub, keys.publicKeys, tell: tell)
        let sockets = try FeedSockets(hubs, keys, tell: tell)
        let call = ControlCall(sockets)
        guard
            case .welcome(let welcome) = try call.ask({
                .hello(Request.Hello(request: $0, program: "borderwire \(programVersion)"))
            })
        else { throw ReaderFailure.unexpected }
        sockets.learn(welcome.successor)
        var report = ReaderReport()
        report.log = welcome.log.description
        report.from = max(from, 1)
        report.through = min(through ?? welcome.offset, welcome.offset)
        let kept = try kept(settings, welcome, &report)
        var check = LogCheck(call, kept: kept, hub: hub, keyring: keyring, log: welcome.log.value, report)
        try check.run(readsContent: !welcome.read.isEmpty, head: welcome.offset)
        return check.report
    }

    /// The kept checkpoints of this log, by the names of their cursors.
    private func kept(
        _ settings: ReaderSettings, _ welcome: Reply.Welcome, _ report: inout ReaderReport
    ) throws -> [LogCheck.Kept] {
        var kept: [LogCheck.Kept] = []
        for name in try names(settings) {
            let path = Files.path("\(name).checkpoint", from: settings.state?.path ?? "")
            guard try Files.facts(of: path) != nil else {
                throw ReaderFailure(.keep, path, "\(path) is not there", status: .noInput)
            }
            let checkpoints = try CheckpointFile(path).read()
            guard let own = checkpoints.first(where: { $0.checkpoint.log == welcome.log.value }) else {
                report.otherLogs.append(name)
                continue
            }
            kept.append(LogCheck.Kept(name: name, path: path, signed: own))
        }
        return kept
    }

    private func names(_ settings: ReaderSettings) throws -> [String] {
        if let cursor { return [cursor] }
        guard let state = settings.state, try Files.facts(of: state.path) != nil else { return [] }
        return try Files.names(in: state.path).filter { $0.hasSuffix(".checkpoint") }.map {
            String($0.dropLast(".checkpoint".count))
        }
    }
}
