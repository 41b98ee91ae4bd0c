internal import Alerts
internal import AlertStore
internal import Wire

/// The hub's report in Prometheus's text format, or in OpenMetrics, which names the family of a counter without `_total` and ends
/// with a mark. Names and numbers only, never an alert's content.
struct MetricsText {
    enum Format: Sendable, Equatable {
        case openMetrics
        case prometheus

        var type: String {
            switch self {
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            }
        }
    }

    private enum Family: String {
        case counter, gauge, histogram
    }

    private let format: Format
    private var text = ""

    static func make(_ report: HubReport, version: String, _ format: Format) -> String {
        var made = MetricsText(format: format)
        made.write(report, version)
        if format == .openMetrics { made.text += "# EOF\n" }
        return made.text
    }

    private init(format: Format) {
        self.format = format
    }

    private mutating func write(_ hub: HubReport, _ version: String) {
        family("borderwire_build_info", .gauge, "The program's version, as a label.")
        sample("borderwire_build_info", ["version": version], 1)
        single(
            "borderwire_start_timestamp_seconds", .gauge, "When the hub started.",
            seconds(hub.started, hub.shift))
        alerts(hub)
        posts(hub)
        budgets(hub)
        family("borderwire_stored_seconds", .histogram, "From taking an alert to telling its post.")
        histogram("borderwire_stored_seconds", hub.counters.answer)
        family("borderwire_commit_seconds", .histogram, "One transaction of the log, with its flush.")
        histogram("borderwire_commit_seconds", hub.counters.commit)
        single(
            "borderwire_failed_commits_total", .counter,
            "Transactions that failed, after which posts sent again.", Double(hub.counters.failedCommits))
        single(
            "borderwire_log_writable", .gauge, "0 while a full disk keeps the log from growing.",
            hub.isLogWritable ? 1 : 0)
        single(
            "borderwire_escalations_open", .gauge,
            "Alerts that nobody has seen, or acknowledged, for longer than their urgency allows.",
            Double(UInt64(hub.escalation.open.count) + hub.escalation.more))
        single(
            "borderwire_escalations_total", .counter, "Escalations since the start.",
            Double(hub.escalation.total))
        single(
            "borderwire_unwatched_alerts_total", .counter,
            "Alerts that are not escalated, since too many wait to be seen.", Double(hub.escalation.unwatched)
        )
        clock(hub)
        single("borderwire_log_offset", .gauge, "The last offset of the log.", Double(hub.offset))
        if let cluster = hub.cluster {
            single(
                "borderwire_writer", .gauge, "1 while this hub writes the log, 0 while it follows.",
                cluster.writes ? 1 : 0)
            single(
                "borderwire_store_heard", .gauge, "0 while the store is not heard, and nobody is answered.",
                cluster.hearsStore ? 1 : 0)
            single("borderwire_term", .gauge, "The number of the writer's turn.", Double(cluster.term))
            family("borderwire_lease_holder", .gauge, "The hub that has the lease, as a label.")
            if let holder = cluster.holder { sample("borderwire_lease_holder", ["hub": holder], 1) }
            single(
                "borderwire_offsets_behind", .gauge,
                "Alerts in the store that this hub has not followed yet.",
                Double(cluster.head - min(cluster.head, hub.offset)))
        }
        if let descriptors = hub.descriptors {
            single(
                "borderwire_descriptors_open", .gauge, "Open descriptors; each connection is one.",
                Double(descriptors.used))
            single(
                "borderwire_descriptors_limit", .gauge, "Most that may be open.", Double(descriptors.limit))
            single(
                "borderwire_descriptors_reserve", .gauge, "How many of them are kept for the hub's own work.",
                Double(descriptors.reserve))
            single(
                "borderwire_connections_waiting", .gauge, "Connections that are not let in yet.",
                Double(descriptors.waiting))
            single(
                "borderwire_connections_cut_total", .counter,
                "Connections that were cut before they were let in.", Double(descriptors.cut))
        }
        single("borderwire_feeds", .gauge, "Feeds, one per distinct read grant.", Double(hub.feeds.count))
        single("borderwire_replay_queue", .gauge, "Requests that wait to be read.", Double(hub.replay.queue))
        single(
            "borderwire_replay_pages_total", .counter, "Pages of the log sent to readers.",
            Double(hub.replay.pages))
        single(
            "borderwire_replay_alerts_total", .counter, "Alerts in those pages.", Double(hub.replay.alerts))
    }

    private mutating func clock(_ hub: HubReport) {
        guard let time = hub.time else { return }
        single(
            "borderwire_clock_trusted", .gauge,
            "0 while the clock contradicts what the hub knows of time; what is irreversible then waits.",
            time.doubt == nil ? 1 : 0)
        single(
            "borderwire_erasing", .gauge, "0 while nothing is erased because of the clock.",
            time.erasing == nil ? 0 : 1)
        single(
            "borderwire_clock_offset_seconds", .gauge,
            "The clock less the time that the hub takes for right.",
            Double(time.clock.milliseconds - time.time.milliseconds) / 1_000)
        single("borderwire_clock_posts", .gauge, "Posts whose clocks count now.", Double(time.posts))
        if let isSynchronised = time.isSynchronised {
            single(
                "borderwire_clock_synchronised", .gauge, "1 where the kernel calls the clock synchronised.",
                isSynchronised ? 1 : 0)
        }
        single(
            "borderwire_log_ahead_seconds", .gauge,
            "By how much the last alert's time is ahead of the clock, where that is more than a day.",
            Double(time.ahead(of: hub.received) ?? 0) / 1_000)
    }

    private mutating func alerts(_ hub: HubReport) {
        single(
            "borderwire_alerts_received_total", .counter,
            "Messages of posts on ingest, whatever became of them.", Double(hub.counters.received))
        single(
            "borderwire_alerts_stored_total", .counter, "Alerts that were stored durably.",
            Double(hub.counters.stored))
        family("borderwire_alerts_refused_total", .counter, "Alerts that were refused durably, by reason.")
        for code in Set(HubCounters.codes).union(hub.counters.refused.keys).sorted(by: {
            $0.rawValue < $1.rawValue
        }) {
            sample(
                "borderwire_alerts_refused_total", ["reason": code.rawValue],
                Double(hub.counters.refused[code] ?? 0))
        }
        family(
            "borderwire_related_total", .counter,
            "Answers that an alert may be about the same as another, by whether all of those may be read.")
        sample(
            "borderwire_related_total", ["readable": "true"],
            Double(hub.counters.related - hub.counters.relatedHidden))
        sample("borderwire_related_total", ["readable": "false"], Double(hub.counters.relatedHidden))
        family(
            "borderwire_messages_dropped_total", .counter, "Messages dropped without an answer, by reason.")
        for (reason, count) in hub.drops.sorted(by: { $0.key < $1.key }) {
            sample("borderwire_messages_dropped_total", ["reason": reason], Double(count))
        }
        family(
            "borderwire_alerts_delivered_total", .counter,
            "Deliveries by province and kind since the log began; one alert may concern several provinces.")
        for head in hub.topics.sorted(by: { $0.topic < $1.topic }) {
            sample(
                "borderwire_alerts_delivered_total",
                [
                    "country": head.topic.country, "province": head.topic.province,
                    "kind": head.topic.kind.rawValue,
                ],
                Double(head.sequence))
        }
    }

    private mutating func posts(_ hub: HubReport) {
        single(
            "borderwire_identities_enrolled", .gauge, "Identities in the registry.",
            Double(hub.registry.identities.count))
        let isHeard: (Links.Link) -> Bool = {
            hub.at.milliseconds - $0.heard.milliseconds <= hub.silence.longest
        }
        single(
            "borderwire_identities_heard", .gauge, "Identities heard of within limits.silence.",
            Double(hub.links.values.count(where: isHeard)))
        let posts = hub.registry.identities.filter { !$0.publish.isEmpty }.map(\.name)
        let linked = posts.compactMap { name in hub.links[name].map { (name, $0) } }
        family("borderwire_post_silent", .gauge, "1 where a post was not heard of for limits.silence.")
        for post in posts {
            sample("borderwire_post_silent", ["post": post], hub.silence.since[post] == nil ? 0 : 1)
        }
        family(
            "borderwire_post_heard_timestamp_seconds", .gauge,
            "When a post was last heard of; none before its first word since the start.")
        for (post, link) in linked {
            sample("borderwire_post_heard_timestamp_seconds", ["post": post], seconds(link.heard, hub.shift))
        }
        family(
            "borderwire_alerts_mistaken_total", .counter,
            "Sightings that call an alert of the post mistaken, whoever says so.")
        for post in posts {
            sample(
                "borderwire_alerts_mistaken_total", ["post": post], Double(hub.counters.mistaken[post] ?? 0))
        }
        family("borderwire_post_outbox_alerts", .gauge, "Alerts in a post's outbox, as it said last.")
        for (post, link) in linked {
            if let depth = link.depth {
                sample("borderwire_post_outbox_alerts", ["post": post], Double(depth))
            }
        }
        family(
            "borderwire_post_oldest_waiting_timestamp_seconds", .gauge,
            "When the oldest alert in a post's outbox was queued, as it said last; none when it is empty.")
        for (post, link) in linked {
            if let oldest = link.oldest {
                sample(
                    "borderwire_post_oldest_waiting_timestamp_seconds", ["post": post],
                    seconds(Timestamp(milliseconds: oldest)))
            }
        }
    }

    private mutating func budgets(_ hub: HubReport) {
        let lines = hub.registry.identities.flatMap { identity in
            hub.budgets.lines(of: identity.name, at: hub.at).map { (identity.name, $0) }
        }
        family(
            "borderwire_budget_used_ratio", .gauge,
            "How much of a limit of [limits] an identity uses; none for what it has not used since the start."
        )
        for (name, line) in lines {
            sample(
                "borderwire_budget_used_ratio", ["identity": name, "resource": line.resource.name],
                Double(line.used) / Double(line.most))
        }
        family(
            "borderwire_budget_refused_total", .counter, "How often an identity was at a limit of [limits].")
        for (name, line) in lines {
            sample(
                "borderwire_budget_refused_total", ["identity": name, "resource": line.resource.name],
                Double(line.refused))
        }
    }

    // MARK: The format

    /// - shift: milliseconds, of a moment on the hub's own time scale.
    private func seconds(_ moment: Timestamp, _ shift: Int64 = 0) -> Double {
        Double(moment.milliseconds + shift) / 1_000
    }

    private mutating func single(_ name: String, _ kind: Family, _ help: String, _ value: Double) {
        family(name, kind, help)
        sample(name, [:], value)
    }

    private mutating func family(_ name: String, _ kind: Family, _ help: String) {
        var shown = Substring(name)
        if format == .openMetrics, kind == .counter, name.hasSuffix("_total") { shown = name.dropLast(6) }
        text += "# HELP \(shown) \(help)\n# TYPE \(shown) \(kind.rawValue)\n"
        if format == .openMetrics, name.hasSuffix("_seconds") { text += "# UNIT \(shown) seconds\n" }
    }

    private mutating func sample(
        _ name: String, _ labels: KeyValuePairs<String, String>, _ value: Double
    ) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0)=\"\(MetricsText.escaped($1))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(MetricsText.number(value))\n"
    }

    private mutating func histogram(_ name: String, _ histogram: Histogram) {
        var total: UInt64 = 0
        for (bound, count) in zip(Histogram.bounds.map { "\($0)" } + ["+Inf"], histogram.counts) {
            total += count
            text += "\(name)_bucket{le=\"\(bound)\"} \(total)\n"
        }
        text += "\(name)_sum \(histogram.sum)\n\(name)_count \(total)\n"
    }

    /// Whole numbers without a fraction: a counter reads as one.
    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
