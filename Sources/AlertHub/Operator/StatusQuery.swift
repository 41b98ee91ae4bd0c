internal import Platform
internal import Settings
public import Wire

/// Asks the running hub for its status, as its operator.
public enum StatusQuery {
    /// - Throws: ``Failure`` with status `unavailable` when no hub answers in time.
    public static func ask(_ settings: HubSettings, wait: Duration = .seconds(3)) throws -> HubStatus {
        try OperatorCall.run(settings) { call in
            switch try call.ask(wait, { .status(Request.Status(request: $0)) }) {
            case .status(let status): return status
            case .refused(let refused):
                throw Failure("the hub refuses: \(refused.reason)", status: .noPermission)
            default: throw Failure("the hub does not keep to the protocol", status: .software)
            }
        }
    }
}
