import AlertFeed
import AlertPost
import Settings

extension ReaderSettings {
    /// Sends what `ack` has queued; nil where the settings name no state directory.
    var ackSender: AckSender? {
        state.map { AckSender(key: key, state: $0, hub: hub, provinces: provinces, tell: say) }
    }
}
