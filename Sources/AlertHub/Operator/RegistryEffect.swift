internal import Alerts
internal import AlertStore
public import Platform
internal import Settings

/// Waits until running hubs have put a change of the registry in force: whoever was enrolled may come in when the command has
/// ended well, and whoever was revoked is out.
public enum RegistryEffect {
    public enum Outcome: Sendable, Equatable {
        case inForce
        /// None runs: the next start reads the registry.
        case noHub
        /// Of hubs that share a log: those that have it in force, and those that were not heard meanwhile. These run no more, or
        /// answer nobody until they have read it.
        case shared([String], silent: [String])
    }

    /// The hub looks at the registry every ``HubLoop/registryLook``; this leaves room for a busy machine.
    static let patience = Duration.seconds(5)
    /// Between two looks.
    static let pause = Duration.milliseconds(20)

    /// - change: completes the sentence `koh-kong is revoked in the registry, but ...`. reader: who should be able to come in to
    ///   a feed.
    /// - Throws: ``Failure`` with status `tempFail` when a hub runs and the change is not in force in time.
    public static func wait(
        _ settings: HubSettings, _ change: String, reader: EnrolledIdentity? = nil, patience: Duration? = nil
    ) throws(Failure) -> Outcome {
        let patience = patience ?? RegistryEffect.patience
        let feed = reader.flatMap { $0.read.isEmpty ? nil : Feed.domain(of: $0.read) }
        if let log = settings.log as? any SharedLog {
            return try SharedRegistryEffect(settings, log, feed: feed).wait(change, patience)
        }
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
        throw failure("\(change) in the file", patience, obstacle)
    }

    static func failure(_ change: String, _ patience: Duration, _ obstacle: String) -> Failure {
        Failure(
            "\(change), and after \(patience.settingText) that is not in force: \(obstacle)",
            remedy: "The hub goes on trying by itself. To be certain now: systemctl restart borderwire-hub",
            status: .tempFail)
    }

    static let unheard = "a hub runs, and has not said anything: it starts, or it is stuck"
    static let noFeed =
        "the hub has it, but no feed listens for this grant: its journal says why (feed-not-opened)"

    private static func words(_ word: RegistryInForce?, _ digest: String, _ feed: String?) -> String {
        guard let word else { return unheard }
        if word.digest == digest, feed != nil { return noFeed }
        return word.problem.map { "the hub says: \($0)" }
            ?? "the hub has not looked at the file since: it is stuck"
    }
}
