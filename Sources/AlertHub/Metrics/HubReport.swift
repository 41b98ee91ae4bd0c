internal import AlertStore
internal import Alerts
internal import Wire

/// What the hub was like at one moment: values that the loop hands over once a second, and that nobody changes.
struct Snapshot: Sendable {
    var at: Timestamp
    var started: Timestamp
    var offset: UInt64
    var counters: HubCounters
    /// Messages dropped, by reason.
    var drops: [String: UInt64]
    var topics: [TopicHead]
    var registry: Registry
    var links: [String: Links.Link]
    var silence: SilenceMonitor
    var budgets: Budgets
    var feeds: Int
    var replay: LogQueryWorker.Load
    var descriptors: HubStatus.Descriptors?
    /// False while a full disk keeps the log from growing.
    var isLogWritable: Bool
    /// nil: without a clock of its own.
    var time: HubTime?
    /// The log's last time.
    var received: Timestamp

    /// From the hub's own time to the one that people see, in milliseconds.
    var shift: Int64 { time?.shift ?? 0 }
}

extension HubCore {
    func snapshot(at now: Timestamp, replay: LogQueryWorker.Load) -> Snapshot {
        Snapshot(
            at: now, started: started, offset: end.offset, counters: counters, drops: drops.counts,
            topics: end.heads, registry: registry, links: links.byIdentity, silence: silence,
            budgets: budgets, feeds: feeds.feeds.count, replay: replay, descriptors: descriptors,
            isLogWritable: isLogWritable, time: time, received: end.received)
    }
}
