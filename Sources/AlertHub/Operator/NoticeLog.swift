internal import Platform

extension Log where Event == HubEvent {
    /// Writes what the core has to say.
    func callAsFunction(_ notice: Notice) {
        let priority: Priority =
            switch notice.weight {
            case .error: .error
            case .warning: .warning
            case .notice: .notice
            case .information: .information
            }
        self(
            notice.event, priority, notice.message,
            [
                "POST": notice.post, "PEER": notice.peer, "REASON": notice.reason,
                "SEQUENCE": notice.sequence.map { "\($0)" }, "OFFSET": notice.offset.map { "\($0)" },
            ])
    }
}
