internal import AlertStore
internal import Platform
internal import Settings

/// The same for hubs that share a log, wherever they run: each says there, as often as it counts itself alive, which version of the
/// registry it has in force.
struct SharedRegistryEffect {
    /// A hub that counts no more for so long has not heard the log since, and answers nobody by now.
    static let silence = Lease.patience + .milliseconds(300)

    private let settings: HubSettings
    private let log: any SharedLog
    /// The domain of a feed that is to listen; nil: none.
    private let feed: String?

    init(_ settings: HubSettings, _ log: any SharedLog, feed: String?) {
        self.settings = settings
        self.log = log
        self.feed = feed
    }

    private struct Watched {
        var last: HubSighting
        /// When it last counted; nil: not since this began.
        var counted: Duration?
    }

    func wait(_ change: String, _ patience: Duration) throws(Failure) -> RegistryEffect.Outcome {
        let began = steadyClock()
        var watched: [String: Watched] = [:]
        var obstacle = ""
        var open: (any RegistryLog)?
        defer { open?.close() }
        repeat {
            do throws(StoreError) {
                let registry: any RegistryLog
                if let open { registry = open } else { registry = try log.registry() }
                open = registry
                let hubs = try registry.hubs()
                let version = try registry.newestNumber()
                let now = steadyClock()
                for hub in hubs {
                    let former = watched[hub.name]
                    let counts = former.map { $0.last.seen != hub.seen } ?? false
                    watched[hub.name] = Watched(last: hub, counted: counts ? now : former?.counted)
                }
                if let outcome = outcome(watched, version, now - began, now) {
                    guard let closed = closed(outcome) else { return outcome }
                    obstacle = closed
                } else {
                    obstacle = words(watched, version)
                }
            } catch {
                obstacle = "what the hubs have can't be read: \(error)"
            }
            sleep(RegistryEffect.pause)
        } while steadyClock() - began < patience
        throw RegistryEffect.failure("\(change) in \(log.location)", patience, obstacle)
    }

    /// - Returns: nil while it has to be waited for one.
    private func outcome(
        _ watched: [String: Watched], _ version: UInt64, _ waited: Duration, _ now: Duration
    ) -> RegistryEffect.Outcome? {
        let behind = watched.values.filter { $0.last.registry < version }
        let isSilent = { (hub: Watched) in
            now - (hub.counted ?? now - waited) >= SharedRegistryEffect.silence
        }
        guard behind.allSatisfy(isSilent) else { return nil }
        let have = watched.values.filter { $0.last.registry >= version }.map(\.last.name).sorted()
        return have.isEmpty ? .noHub : .shared(have, silent: behind.map(\.last.name).sorted())
    }

    /// What the hub of this machine says; of the others' feeds nothing is known.
    private func closed(_ outcome: RegistryEffect.Outcome) -> String? {
        guard let feed, case .shared(let names, _) = outcome, names.contains(settings.hubName),
            let word = InForceFile.read(settings)
        else { return nil }
        return word.closed.contains(feed) ? RegistryEffect.noFeed : nil
    }

    private func words(_ watched: [String: Watched], _ version: UInt64) -> String {
        if let problem = InForceFile.read(settings)?.problem { return "the hub says: \(problem)" }
        let names = watched.values.filter { $0.last.registry < version }.map(\.last.name).sorted()
        return
            "\(names.joined(separator: ", ")) has not put version \(version) in force: its journal says why (registry-refused, store-silent)"
    }
}
