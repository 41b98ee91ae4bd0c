internal import Alerts

/// Which posts have not been heard of for longer than they should. A post says that it is there every 10 s, on whatever
/// link it has; so one that is silent is off, or cut off.
struct SilenceMonitor: Sendable, Equatable {
    /// After which a post counts as silent, in milliseconds.
    private(set) var longest: Int64
    /// Since when, by post.
    private(set) var since: [String: Timestamp] = [:]
    /// Posts that were never heard of, and when they were first missed: at the start, or when they were enrolled.
    private var missed: [String: Timestamp] = [:]

    init(longest: Duration) {
        self.longest = longest.inMilliseconds
    }

    /// From the next look on.
    mutating func allow(_ longest: Duration) { self.longest = longest.inMilliseconds }

    /// Looks once at every identity that may publish.
    /// - shift: from the hub's own time to the one that people see, in milliseconds.
    /// - Returns: what to tell the operator: each silence once at its begin and once at its end.
    mutating func look(
        _ registry: Registry, _ links: Links, at now: Timestamp, shift: Int64 = 0
    ) -> [Notice] {
        var notices: [Notice] = []
        var current: [String: Timestamp] = [:]
        var unheard: [String: Timestamp] = [:]
        for identity in registry.identities where !identity.publish.isEmpty {
            let heard = links.byIdentity[identity.name]?.heard
            let last = heard ?? missed[identity.name] ?? now
            if heard == nil { unheard[identity.name] = last }
            let known = since[identity.name]
            guard now.milliseconds - last.milliseconds > longest else {
                // A clock that was set back ends no silence: only a word of the post does.
                if let known, heard == nil || heard == known {
                    current[identity.name] = known
                } else if known != nil {
                    notices.append(
                        Notice(.postHeard, .notice, "\(identity.name) is heard again", post: identity.name))
                }
                continue
            }
            current[identity.name] = last
            guard known == nil else { continue }
            let words =
                heard == nil
                ? "not heard of yet"
                : "last heard \(Timestamp(milliseconds: last.milliseconds + shift).rfc3339())"
            notices.append(
                Notice(
                    .postSilent, .warning, "\(identity.name) is silent: \(words)", post: identity.name,
                    reason: "silent"))
        }
        since = current
        missed = unheard
        return notices
    }
}
