internal import Alerts
internal import Wire

/// What an alert takes of its post's budgets, and what the post is told where it is not there.
extension Budgets {
    /// Bytes: a post that has reached a limit of bytes may go on once so many are free again, or the whole budget if that is
    /// smaller.
    static let refill: Int64 = 1_048_576

    struct Hold: Sendable, Equatable {
        var resource: Resource
        /// Milliseconds.
        var wait: Int

        /// The code under which the post's messages are counted as dropped.
        var reason: ReasonCode {
            switch resource {
            case .dailyBytes: .quota
            case .epochs: .epochs
            default: .rate
            }
        }

        /// Whether people wait for it.
        var isLong: Bool { resource == .dailyBytes || resource == .epochs }
    }

    /// Takes what an alert needs, with the epoch that it begins.
    /// - Returns: nil when all of it was there. What was taken of the rates comes back within the second; of a day's budgets
    ///   nothing is taken then.
    mutating func takeAlert(
        of post: String, bytes: Int, beginsEpoch: Bool, at now: Timestamp
    ) -> Hold? {
        let bytes = Int64(bytes)
        if beginsEpoch, !isThere(of: .epochs, for: post, at: now) {
            return Hold(resource: .epochs, wait: wait(for: 1, of: .epochs, by: post, at: now))
        }
        guard take(of: .alerts, for: post, at: now) else {
            return Hold(
                resource: .alerts, wait: wait(for: Int64(WireLimits.window), of: .alerts, by: post, at: now))
        }
        for resource in [Resource.bytes, .dailyBytes] where !take(bytes, of: resource, for: post, at: now) {
            return Hold(
                resource: resource,
                wait: wait(for: max(bytes, Budgets.refill), of: resource, by: post, at: now))
        }
        if beginsEpoch { _ = take(of: .epochs, for: post, at: now) }
        return nil
    }

    /// For the post's operator and the hub's.
    func words(of resource: Resource) -> String {
        let most = most(resource)
        return switch resource {
        case .bytes: "more than \(most) bytes of alerts a second"
        case .dailyBytes: "more than \(most) bytes of alerts within a day, all that the hub takes of a post"
        case .epochs: "more than \(most) new epochs within a day"
        default: "more than \(most) alerts a second"
        }
    }
}

extension HubCore {
    /// What posts have sent within the last day, of a hub that starts.
    mutating func restore(_ sent: [String: Int64], at now: Timestamp) {
        for (post, bytes) in sent { budgets.set(bytes, of: .dailyBytes, for: post, at: now) }
    }
}
