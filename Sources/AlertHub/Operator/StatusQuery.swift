internal import Platform
internal import Settings
public import Wire

/// Asks the running hub for its status, as its operator.
public enum StatusQuery {
    /// - Throws: ``Failure`` with status `unavailable` when no hub answers in time.
    public static func ask(_ settings: HubSettings, wait: Duration = .seconds(3)) throws -> HubStatus {
        try OperatorCall.run(settings) { call in
            let reply = try call.ask(wait) { .status(Request.Status(request: $0)) }
            guard case .status(let status) = reply else {
                throw OperatorCall.failure(reply, refused: .noPermission)
            }
            return status
        }
    }
}
