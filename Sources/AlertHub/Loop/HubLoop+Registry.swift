internal import Alerts
internal import Identity
internal import LogProof
internal import Platform
internal import Settings
internal import Wire

/// How the loop follows the files that an operator may change while it runs: the registry, the settings and a word for
/// the clock.
extension HubLoop {
    /// SIGHUP. All or nothing: settings or a registry that can't be read leave both as they are. Where it was the system that
    /// could not read them, it is tried again until it can.
    func reload(_ steady: Duration, _ now: Timestamp) {
        let wasDue = isReloadDue
        let new: HubSettings
        do { new = try reread() } catch {
            isReloadDue = isSystems(error)
            if !(wasDue && isReloadDue) {
                tell(
                    .settingsRefused, .error, "settings and registry stay as they were: \(error)",
                    ["REASON": "settings"])
            }
            return
        }
        let outcome = followRegistry(steady, now)
        isReloadDue = outcome == .failed
        guard outcome == .taken else { return }
        let change = SettingsChange(from: settings, to: new)
        guard !change.isEmpty else { return }
        // What waits for a restart stays as it is, so that the next reload names it again.
        var limits = new.limits
        limits.feedQueue = settings.limits.feedQueue
        limits.ingestQueue = settings.limits.ingestQueue
        limits.reserve = settings.limits.reserve
        limits.auditRows = settings.limits.auditRows
        settings.limits = limits
        turn.core.follow(limits)
        turn.core.escalation.follow(new.escalation)
        settings.escalation = new.escalation
        periods.value = new.retention
        watch.follow(limits)
        settings.retention = new.retention
        tell(.settingsChanged, .notice, "the settings have changed; \(change.words)")
    }

    /// The operator's word for the clock, if there is one: for what the clock shows now, and once.
    func takeClockWord() {
        guard let word = ClockWord.take(settings), let known = turn.core.time else { return }
        guard word.fits(known.clock) else {
            tell(
                .clockWord, .error,
                "the operator's word for the clock is about another reading of it: borderwire-hub clock accept, again",
                ["REASON": "stale"])
            return
        }
        turn.core.acceptClock()
        tell(.clockWord, .notice, "the operator says that the clock is right")
    }

    /// The keys that will follow the hub's own, as `rotate-key` has written them down.
    func followKeys(_ steady: Duration, _ now: Timestamp) {
        let facts = try? Files.facts(of: settings.hubKeys)
        if keyWatch.isDue(facts), let signing = turn.core.signing {
            do throws(FileError) {
                let kept = try KeyRotation.file(settings).read()
                keyWatch.note(.taken, of: facts)
                announce(KeyRotation.successor(of: signing.verifyingKey, in: kept), kept.until)
            } catch {
                keyWatch.note(isSystems(error) ? .failed : .refused, of: facts)
                if keyWatch.tells("\(error)", at: steady) {
                    tell(.keyNotAnnounced, .error, "no next key is announced: \(error)", ["REASON": "key"])
                }
            }
        }
        guard let keyDue, turn.core.time?.certain ?? now >= keyDue else { return }
        self.keyDue = nil
        tell(
            .keyDue, .warning,
            "the next key was announced for as long as was asked for: borderwire-hub rotate-key --finish, then a restart"
        )
    }

    private func announce(_ successor: Succession?, _ until: Int64?) {
        keyDue = successor == nil ? nil : until.map { Timestamp(milliseconds: $0) }
        guard successor != turn.core.successor else { return }
        turn.core.follow(successor)
        guard let keys = successor?.keys else { return }
        tell(
            .keyAnnounced, .notice,
            "announces to all who say hello that the key \(keys.fingerprint) will follow this one")
    }

    /// Whether the system could not read a file that may be in order.
    private func isSystems(_ error: any Error) -> Bool {
        switch error {
        case let error as SettingsError: error.code != 0
        case let error as FileError: error.code != 0
        default: false
        }
    }

    /// A registry that can't be read leaves the one in force.
    @discardableResult
    func followRegistry(_ steady: Duration, _ now: Timestamp) -> FileWatch.Outcome {
        // It comes with what is heard of a shared log.
        guard shared == nil else { return .taken }
        let facts = try? Files.facts(of: registryFile.path)
        do throws(SettingsError) {
            let content = try registryFile.read(after: turn.core.registry)
            registryWatch.note(.taken, of: facts)
            word = RegistryInForce(digest: content.digest)
            turn.core.follow(anew: content.registry, at: now)
            return .taken
        } catch {
            let outcome: FileWatch.Outcome = isSystems(error) ? .failed : .refused
            registryWatch.note(outcome, of: facts)
            word = RegistryInForce(digest: word?.digest ?? "", problem: "\(error)")
            guard registryWatch.tells("\(error)", at: steady) else { return outcome }
            let more = outcome == .failed ? "; it is tried again until it can be read" : ""
            tell(
                .registryRefused, .error, "the registry stays as it was: \(error)\(more)",
                ["REASON": "registry"])
            return outcome
        }
    }

    /// What was found in a shared log is in force, or is told to be wrong, once.
    func noteFoundRegistries() {
        guard let shared else { return }
        for found in turn.takeFound() {
            switch found.content {
            case .success:
                word = RegistryInForce(digest: RegistryInForce.version(found.number))
                shared.isInForce(registry: found.number)
            case .failure(let error):
                word = RegistryInForce(digest: word?.digest ?? "", problem: "\(error)")
                tell(
                    .registryRefused, .error, "the registry stays as it was: \(error)",
                    ["REASON": "registry"])
            }
        }
    }

    /// For the commands that wait for it: after all that a change of the registry asks for.
    func sayWhatIsInForce() {
        guard var word else { return }
        word.closed = Array(
            sockets.waiting.filter { $0.port == nil }.map(\.domain).prefix(RegistryInForce.mostClosed))
        inForce.write(word)
    }
}
