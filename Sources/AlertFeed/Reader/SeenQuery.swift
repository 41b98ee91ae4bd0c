public import Alerts
public import HubLink
public import Identity
public import Wire
internal import ZeroMQ

/// Asks the hub who has seen an alert, under an identity's own key: over a connection of its own, without a session.
public enum SeenQuery {
    /// - tell: gets sentences for whoever runs the program.
    /// - Returns: nil where there is no such alert, or none that the identity may read.
    public static func ask(
        _ alert: AlertID, of hubs: Hubs, _ keys: IdentityKeys, tell: @escaping (String) -> Void = { _ in }
    ) throws -> Reply.Seen? {
        try ask(alert, ControlCall(try FeedSockets(hubs, keys, tell: tell)))
    }

    static func ask(_ alert: AlertID, _ call: ControlCall) throws -> Reply.Seen? {
        let reply: Reply
        do {
            reply = try call.ask { .seen(Request.Seen(request: $0, alert: alert.description)) }
        } catch let failure as ReaderFailure where failure.code == .reference {
            return nil
        }
        guard case .seen(let seen) = reply else { throw ReaderFailure.unexpected }
        return seen
    }
}
