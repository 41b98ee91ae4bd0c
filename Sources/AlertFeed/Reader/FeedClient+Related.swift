public import Alerts
internal import Identity
internal import LogProof
internal import Settings
public import Wire
internal import ZeroMQ

/// Which other alerts may be about what one alert is about.
extension FeedClient {
    /// The hub's answer, which this program can't check: it is what to look at, and proves nothing.
    /// - tell: gets sentences for whoever runs the program.
    public static func related(
        to id: AlertID, _ settings: ReaderSettings, tell: @escaping (String) -> Void = { _ in }
    ) throws -> Reply.Related {
        let keys = try KeyFiles.readSecret(settings.key.path)
        let call = ControlCall(
            try FeedSockets(settings.hub, keys, hub: try settings.knownHub(), tell: tell))
        let reply = try call.ask { number in
            .related(Request.Related(request: number, alert: id.description))
        }
        guard case .related(let related) = reply else { throw ReaderFailure.unexpected }
        return related
    }
}
