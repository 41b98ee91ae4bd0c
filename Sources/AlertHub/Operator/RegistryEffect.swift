internal import Alerts
internal import AlertStore
public import Platform
internal import Settings

/// Waits until a running hub has put a change of the registry in force: whoever was enrolled may come in when the command has
/// ended well, and whoever was revoked is out.
public enum RegistryEffect {
    public enum Outcome: Sendable, Equatable {
        case inForce
        /// None runs: the next start reads the file.
        case noHub
    }

    /// The hub looks at the registry's file every ``HubLoop/registryLook``; this leaves room for a busy machine.
    static let patience = Duration.seconds(5)
    /// Between two looks.
    static let pause = Duration.milliseconds(20)

    /// - change: completes the sentence `koh-kong is revoked in the file, but ...`. reader: who should be able to come in to a
    ///   feed.
    /// - Throws: ``Failure`` with status `tempFail` when a hub runs and the change is not in force in time.
    public static func wait(
        _ settings: HubSettings, _ change: String, reader: EnrolledIdentity? = nil, patience: Duration? = nil
    ) throws(Failure) -> Outcome {
        let patience = patience ?? RegistryEffect.patience
        let feed = reader.flatMap { $0.read.isEmpty ? nil : Feed.domain(of: $0.read) }
        let end = steadyClock() + patience
        var obstacle = ""
        repeat {
            do {
                guard try settings.log.isInUse() else { return .noHub }
                let digest = try RegistryFile.digest(of: settings.registry.path)
                let word = InForceFile.read(settings)
                if let word, word.has(digest, feed: feed) { return .inForce }
                obstacle = words(word, digest, feed)
            } catch {
                obstacle = "whether a hub runs can't be told: \(error)"
            }
            sleep(pause)
        } while steadyClock() < end
        throw Failure(
            "\(change) in the file, and after \(patience.settingText) that is not in force: \(obstacle)",
            remedy: "The hub goes on trying by itself. To be certain now: systemctl restart borderwire-hub",
            status: .tempFail)
    }

    private static func words(_ word: RegistryInForce?, _ digest: String, _ feed: String?) -> String {
        guard let word else { return "a hub runs, and has not said anything: it starts, or it is stuck" }
        if word.digest == digest, feed != nil {
            return
                "the hub has it, but no feed listens for this grant: its journal says why (feed-not-opened)"
        }
        return word.problem.map { "the hub says: \($0)" }
            ?? "the hub has not looked at the file since: it is stuck"
    }
}
