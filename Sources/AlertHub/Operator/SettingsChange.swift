internal import Platform
internal import Settings

/// What differs between the settings in force and those of the file: what a running hub takes over, and what waits for a
/// restart.
struct SettingsChange: Sendable, Equatable {
    /// Keys as the file has them, e.g. `limits.rate`.
    var live: [String] = []
    var restart: [String] = []

    struct Key: Sendable {
        var name: String
        /// Whether a running hub takes it over.
        var isLive: Bool
        var isSame: @Sendable (HubSettings, HubSettings) -> Bool
    }

    /// Every key of hub.toml.
    static let keys: [Key] = [
        Key(name: "key", isLive: false) { $0.key == $1.key },
        Key(name: "registry", isLive: false) { $0.registry == $1.registry },
        Key(name: "state", isLive: false) { $0.state == $1.state },
        Key(name: "provinces", isLive: false) { $0.provinces == $1.provinces },
        Key(name: "listen.address", isLive: false) { $0.listen.address == $1.listen.address },
        Key(name: "listen.control", isLive: false) { $0.listen.control == $1.listen.control },
        Key(name: "listen.ingest", isLive: false) { $0.listen.ingest == $1.listen.ingest },
        Key(name: "listen.feeds", isLive: false) { $0.listen.feeds == $1.listen.feeds },
        Key(name: "store.kind", isLive: false) { $0.store.kind == $1.store.kind },
        Key(name: "store.postgres", isLive: false) { $0.store.postgres == $1.store.postgres },
        Key(name: "store.password", isLive: false) { $0.store.password == $1.store.password },
        Key(name: "store.eraser_password", isLive: false) {
            $0.store.eraserPassword == $1.store.eraserPassword
        },
        Key(name: "store.operator_password", isLive: false) {
            $0.store.operatorPassword == $1.store.operatorPassword
        },
        Key(name: "store.standby", isLive: false) { $0.store.standby == $1.store.standby },
        Key(name: "limits.feed_queue", isLive: false) { $0.limits.feedQueue == $1.limits.feedQueue },
        Key(name: "limits.ingest_queue", isLive: false) { $0.limits.ingestQueue == $1.limits.ingestQueue },
        Key(name: "limits.rate", isLive: true) { $0.limits.rate == $1.limits.rate },
        Key(name: "limits.byte_rate", isLive: true) { $0.limits.byteRate == $1.limits.byteRate },
        Key(name: "limits.daily", isLive: true) { $0.limits.daily == $1.limits.daily },
        Key(name: "limits.epochs", isLive: true) { $0.limits.epochs == $1.limits.epochs },
        Key(name: "limits.audit_rows", isLive: false) { $0.limits.auditRows == $1.limits.auditRows },
        Key(name: "limits.related", isLive: true) { $0.limits.related == $1.limits.related },
        Key(name: "limits.escalations", isLive: true) { $0.limits.escalations == $1.limits.escalations },
        Key(name: "limits.requests", isLive: true) { $0.limits.requests == $1.limits.requests },
        Key(name: "limits.lookups", isLive: true) { $0.limits.lookups == $1.limits.lookups },
        Key(name: "limits.connections", isLive: true) { $0.limits.connections == $1.limits.connections },
        Key(name: "limits.subscriptions", isLive: true) {
            $0.limits.subscriptions == $1.limits.subscriptions
        },
        Key(name: "limits.reply_bytes", isLive: true) { $0.limits.replyBytes == $1.limits.replyBytes },
        Key(name: "limits.silence", isLive: true) { $0.limits.silence == $1.limits.silence },
        Key(name: "limits.reserve", isLive: false) { $0.limits.reserve == $1.limits.reserve },
        Key(name: "retention.movement", isLive: true) { $0.retention.movement == $1.retention.movement },
        Key(name: "retention.suspect", isLive: true) { $0.retention.suspect == $1.retention.suspect },
        Key(name: "retention.exercise", isLive: true) { $0.retention.exercise == $1.retention.exercise },
        Key(name: "retention.audit", isLive: true) { $0.retention.audit == $1.retention.audit },
        Key(name: "retention.audit_size", isLive: true) { $0.retention.auditSize == $1.retention.auditSize },
        Key(name: "escalation.immediate_unseen", isLive: true) {
            $0.escalation.immediateUnseen == $1.escalation.immediateUnseen
        },
        Key(name: "escalation.immediate_unacknowledged", isLive: true) {
            $0.escalation.immediateUnacknowledged == $1.escalation.immediateUnacknowledged
        },
        Key(name: "escalation.expected_unseen", isLive: true) {
            $0.escalation.expectedUnseen == $1.escalation.expectedUnseen
        },
        Key(name: "escalation.expected_unacknowledged", isLive: true) {
            $0.escalation.expectedUnacknowledged == $1.escalation.expectedUnacknowledged
        },
        Key(name: "escalation.run", isLive: false) { $0.escalation.run == $1.escalation.run },
        Key(name: "metrics.serve", isLive: false) { $0.metrics.serve == $1.metrics.serve },
        Key(name: "metrics.address", isLive: false) { $0.metrics.address == $1.metrics.address },
        Key(name: "metrics.port", isLive: false) { $0.metrics.port == $1.metrics.port },
    ]

    init(from old: HubSettings, to new: HubSettings) {
        let changed = SettingsChange.keys.filter { !$0.isSame(old, new) }
        live = changed.filter(\.isLive).map(\.name)
        restart = changed.filter { !$0.isLive }.map(\.name)
    }

    var isEmpty: Bool { live.isEmpty && restart.isEmpty }

    /// For the log.
    var words: String {
        var parts: [String] = []
        if !live.isEmpty { parts.append("in force: \(live.joined(separator: ", "))") }
        if !restart.isEmpty { parts.append("after a restart: \(restart.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }
}
