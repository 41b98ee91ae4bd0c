public import Alerts
internal import Platform
internal import Settings
public import Wire

/// Asks the running hub who has seen an alert, as its operator.
public enum SeenCommand {
    /// - Returns: nil where the hub has no such alert.
    /// - Throws: ``Failure`` with status `unavailable` when no hub answers in time.
    public static func ask(
        _ alert: AlertID, _ settings: HubSettings, wait: Duration = .seconds(5)
    ) throws -> Reply.Seen? {
        try OperatorCall.run(settings) { call in
            let reply = try call.ask(wait) { .seen(Request.Seen(request: $0, alert: alert.description)) }
            if case .refused(let refused) = reply, refused.code == .reference { return nil }
            guard case .seen(let seen) = reply else { throw OperatorCall.failure(reply, refused: .tempFail) }
            return seen
        }
    }
}
