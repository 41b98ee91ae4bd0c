internal import Alerts
internal import Identity

extension ReadAlert {
    /// What an Update or a Cancel is, in words that never make one of it that its author did not sign; nil of a new alert.
    var effect: String? {
        if let action {
            guard check == .valid else {
                let word = action == .withdrawal ? "WITHDRAWAL" : "ERASURE"
                return "\(word) BY \(post), WITHOUT EFFECT: NOT SIGNED BY THE HUB"
            }
            return action == .withdrawal
                ? "WITHDRAWN by the hub's operator" : "CONTENT ERASED by the hub's operator"
        }
        guard let alert, alert.messageType != .alert else { return nil }
        if alert.messageType == .ack {
            return check == .invalid
                ? "ACKNOWLEDGEMENT WITHOUT EFFECT: NOT SIGNED BY \(post)"
                : check == .unknown ? "ACKNOWLEDGED by \(post), not verified" : "ACKNOWLEDGED by \(post)"
        }
        let isCancel = alert.messageType == .cancel
        let word = isCancel ? "CANCEL" : "UPDATE"
        if case .other(let author) = authorship {
            return "\(word) BY \(post), WITHOUT EFFECT: THE ALERT IS BY \(author)"
        }
        guard check != .invalid else { return "\(word) WITHOUT EFFECT: NOT SIGNED BY \(post)" }
        let end = alert.resolution == .safe ? "CANCELLED: SAFE" : "CANCELLED"
        let done = isCancel ? end : word
        return authorship == .unseen ? "\(done) by \(post), what it refers to was not seen here" : done
    }
}
