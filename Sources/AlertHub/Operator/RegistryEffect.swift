internal import Glibc
internal import Platform
internal import Settings
public import Wire

/// Waits until a running hub has taken a change of the registry: whoever was enrolled may come in when the command has
/// ended, and whoever was revoked is out.
public enum RegistryEffect {
    public enum Outcome: Sendable, Equatable {
        case taken
        /// None runs: the next start takes it.
        case noHub
        /// One seems to run, and has not taken it in time.
        case notTaken
    }

    /// The hub looks at the registry's file every ``HubLoop/registryWatch``; this leaves room for a busy machine.
    static let patience = Duration.seconds(3)
    /// Between two questions.
    static let pause = Duration.milliseconds(50)

    public static func wait(
        _ settings: HubSettings, until isTaken: (HubStatus) -> Bool
    ) -> Outcome {
        guard (try? Endpoints.read(settings)) != nil else { return .noHub }
        let end = steadyClock() + patience
        while steadyClock() < end {
            guard let status = try? StatusQuery.ask(settings, wait: .seconds(1)) else { return .notTaken }
            if isTaken(status) { return .taken }
            usleep(UInt32(pause / .microseconds(1)))
        }
        return .notTaken
    }
}
