public import Alerts

/// Whether an alert still stands. Only its author, the hub's operator and time end one.
public struct Standing: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        case active
        /// Its author said it anew.
        case updated
        case cancelled
        /// By the hub's operator.
        case withdrawn
        case expired
    }

    public var state: State
    /// Of an updated one: what says it now.
    public var replacedBy: AlertID?
    /// Who says that it is about somebody or something else: it hides nothing. By name.
    public var disputedBy: [String]

    public init(state: State = .active, replacedBy: AlertID? = nil, disputedBy: [String] = []) {
        self.state = state
        self.replacedBy = replacedBy
        self.disputedBy = disputedBy
    }
}
