internal import Alerts

/// By how much this machine's clock differs from the hub's, and what to say of it. No clock decides an order, but people compare
/// times, and an alert from the future is refused.
struct Skew: Sendable {
    /// The hub's clock less ours, in milliseconds, as the hub said last; nil before.
    private(set) var value: Int64?

    /// What the hub said of its clock, and what ours showed then.
    mutating func see(hub: Int64, ours: Timestamp) { value = hub &- ours.milliseconds }

    /// What is wrong with this machine's clock, in words; nil: nothing that matters to anybody.
    var words: String? {
        guard let value, value.magnitude > PostStatus.mostSkew.magnitude else { return nil }
        let isRefused = value < -PostStatus.refusedSkew
        return
            "this clock is \(value.magnitude / 1_000) s \(value < 0 ? "ahead of" : "behind") the hub's: set it; "
            + (isRefused
                ? "alerts sent more than a day ahead are refused"
                : "alerts are taken all the same, in the order of the hub's log")
    }
}
