internal import AlertStore
internal import Alerts
internal import Identity
internal import LogProof
internal import Wire

/// The hub at one moment, of which ``MetricsText`` and ``HubStatus`` each show a part: values that the loop hands over, and that
/// nobody changes.
package struct HubReport: Sendable {
    var at: Timestamp
    var started: Timestamp
    var log: UInt64
    var offset: UInt64
    var counters: HubCounters
    /// Messages dropped, by reason.
    var drops: [String: UInt64]
    var topics: [TopicHead]
    /// Where each post's numbers are, by its name.
    var positions: [String: Position]
    var registry: Registry
    var links: [String: Links.Link]
    var silence: SilenceMonitor
    var budgets: Budgets
    var feeds: [Feed]
    /// A summary: what is watched is too much to be copied each second.
    var escalation: HubStatus.Escalation
    /// Where each of them listens, by domain.
    var ports: [String: Int]
    var descriptors: DescriptorUse?
    /// False while a full disk keeps the log from growing.
    var isLogWritable: Bool
    /// nil: without a clock of its own.
    var time: HubTime?
    /// The log's last time.
    var received: Timestamp
    /// The keys announced as the next ones.
    var successor: PublicKeys?
    /// nil: the log is this hub's own.
    var cluster: HubStatus.Cluster?
    var replay = ReplayLoad()

    /// From the hub's own time to the one that people see, in milliseconds.
    var shift: Int64 { time?.shift ?? 0 }
}

/// What the thread that reads the log has to do, and has done since the start.
struct ReplayLoad: Sendable, Equatable {
    /// Queries that wait.
    var queue = 0
    /// Pages answered, and alerts in them.
    var pages: UInt64 = 0
    var alerts: UInt64 = 0
}

extension HubCore {
    func report(at now: Timestamp) -> HubReport {
        var report = HubReport(
            at: now, started: started, log: end.log, offset: end.offset, counters: counters,
            drops: drops.counts, topics: end.heads, positions: end.positions, registry: registry,
            links: links.byIdentity, silence: silence, budgets: budgets, feeds: feeds.feeds,
            escalation: HubStatus.Escalation(escalation), ports: ports,
            descriptors: descriptors, isLogWritable: isLogWritable, time: time, received: end.received,
            successor: successor?.keys)
        report.cluster = membership.map { membership in
            let view = membership.view
            return HubStatus.Cluster(
                writes: role == .writing, hearsStore: membership.hearsStore, term: view?.term ?? 0,
                holder: view.flatMap { $0.holder.isEmpty ? nil : $0.holder },
                head: max(view?.head ?? 0, end.offset))
        }
        return report
    }
}

extension HubStatus {
    /// Everything but what only the store knows; the reading thread adds that.
    init(_ report: HubReport, request: UInt64) {
        let shift = report.shift
        self.init(
            request: request, log: HexNumber(report.log), offset: report.offset,
            time: report.at.milliseconds + shift, started: report.started.milliseconds + shift, stored: 0,
            refused: 0, dropped: report.drops,
            topics: report.topics.map {
                Reply.TopicSequence(topic: $0.topic.name, number: $0.number, sequence: $0.sequence)
            },
            links: report.registry.identities.map { Link($0, report) },
            feeds: report.feeds.map { feed in
                Feed(
                    port: report.ports[feed.domain] ?? 0, read: feed.grant.texts,
                    identities: report.registry.identities.filter { $0.read == feed.grant }.map(\.name))
            }.sorted { $0.port < $1.port },
            refusals: [])
        clock = report.time.map { Clock($0, received: report.received) }
        descriptors = report.descriptors.map {
            Descriptors(
                used: $0.used, limit: $0.limit, reserve: $0.reserve, waiting: $0.waiting, cut: $0.cut)
        }
        successor = report.successor?.fingerprint
        escalation = report.escalation
        cluster = report.cluster
    }
}

extension HubStatus.Escalation {
    init(_ escalation: Escalation) {
        self.init(
            watched: escalation.watchedCount, unwatched: escalation.unwatched, total: escalation.total,
            open: escalation.open.suffix(HubStatus.mostEscalations).reversed().map {
                Open(
                    number: $0.number, offset: $0.offset, alert: $0.alert.description, author: $0.author,
                    reason: $0.reason.rawValue, time: $0.at.milliseconds)
            }, more: UInt64(max(0, escalation.open.count - HubStatus.mostEscalations)))
    }
}

extension HubStatus.Link {
    init(_ identity: EnrolledIdentity, _ report: HubReport) {
        let shift = report.shift
        let link = report.links[identity.name]
        let position = report.positions[identity.name]
        self.init(
            identity: identity.name, publish: identity.publish.texts, read: identity.read.texts,
            heard: link.map { $0.heard.milliseconds + shift }, epoch: position.map { HexNumber($0.epoch) },
            through: position?.through, depth: link?.depth, oldest: link?.oldest,
            silent: report.silence.since[identity.name].map { $0.milliseconds + shift })
        key = identity.keys.fingerprint
        address = identity.address?.texts
        former = identity.former.map(\.until.milliseconds).max()
        secondMachine = link?.secondMachine.map {
            SecondMachine(at: $0.at.milliseconds + shift, address: $0.address)
        }
        mistaken = report.counters.mistaken[identity.name]
        successor = report.successor.map { link?.successor == $0.signing.bytes }
        budgets = report.budgets.lines(of: identity.name, at: report.at).map {
            Budget(resource: $0.resource.name, used: $0.used, most: $0.most, refused: $0.refused)
        }
    }
}
