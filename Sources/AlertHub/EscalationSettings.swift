internal import Alerts
public import Settings

/// How long an alert may stay unseen, and unacknowledged, by its urgency: `[escalation]` of hub.toml. Alerts of other urgencies are
/// never escalated.
public struct EscalationSettings: Sendable, Equatable, Decodable {
    /// The longest time that can be set: a month.
    static let longest = Duration.seconds(30 * 86_400)

    /// Zero: never.
    public var immediateUnseen = Duration.seconds(300)
    public var immediateUnacknowledged = Duration.seconds(900)
    public var expectedUnseen = Duration.seconds(3_600)
    public var expectedUnacknowledged = Duration.seconds(14_400)
    /// What `borderwire-hub page` runs for each escalation; nil: nothing.
    public var run: SettingsPath?

    /// In milliseconds; nil: never.
    struct Limits: Sendable, Equatable {
        var unseen: Int64?
        var unacknowledged: Int64?
    }

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case immediateUnseen = "immediate_unseen"
        case immediateUnacknowledged = "immediate_unacknowledged"
        case expectedUnseen = "expected_unseen"
        case expectedUnacknowledged = "expected_unacknowledged"
        case run
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let range = Duration.zero...EscalationSettings.longest
        immediateUnseen = try values.value(.immediateUnseen, default: immediateUnseen, in: range)
        immediateUnacknowledged = try values.value(
            .immediateUnacknowledged, default: immediateUnacknowledged, in: range)
        expectedUnseen = try values.value(.expectedUnseen, default: expectedUnseen, in: range)
        expectedUnacknowledged = try values.value(
            .expectedUnacknowledged, default: expectedUnacknowledged, in: range)
        run = try values.decodeIfPresent(SettingsPath.self, forKey: .run)
    }

    /// nil: alerts of this urgency are never escalated.
    func limits(of urgency: Urgency) -> Limits? {
        let limits: Limits
        switch urgency {
        case .immediate: limits = Limits(immediateUnseen, immediateUnacknowledged)
        case .expected: limits = Limits(expectedUnseen, expectedUnacknowledged)
        case .future, .past, .unknown: return nil
        }
        return limits == Limits() ? nil : limits
    }

    /// The longest that an alert may have to be watched.
    var most: Duration {
        max(immediateUnseen, immediateUnacknowledged, expectedUnseen, expectedUnacknowledged)
    }
}

extension EscalationSettings.Limits {
    fileprivate init(_ unseen: Duration, _ unacknowledged: Duration) {
        func milliseconds(_ time: Duration) -> Int64? {
            time > .zero ? max(1, time.inMilliseconds) : nil
        }
        self.init(unseen: milliseconds(unseen), unacknowledged: milliseconds(unacknowledged))
    }
}
