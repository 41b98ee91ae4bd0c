internal import Alerts
internal import AlertStore
internal import Identity
internal import Platform
internal import Settings

/// `borderwire-hub verify`: the log of a running or a stopped hub, checked against itself and against the posts' keys.
public enum Verify {
    /// - from, through: offsets; nil is the log's beginning and its end.
    /// - posts: a directory of further public keys, such as a post's former one, and those of other hubs that share the log: who is
    ///   not enrolled is one. nil: only the registry's.
    public static func run(
        _ settings: HubSettings, from: UInt64? = nil, through: UInt64? = nil, posts: String? = nil
    ) throws -> VerificationReport {
        var keyring = try posts.map { try PublicKeyring(directory: $0) } ?? PublicKeyring()
        for sentence in keyring.shared { StandardError.write(line: "borderwire-hub: \(sentence)") }
        var others = Set(keyring.keys.keys)
        for identity in try Enrolment(settings).identities() {
            others.remove(identity.name)
            keyring.add(identity.keys)
            for former in identity.former { keyring.add(former.keys) }
        }
        // Who may not read the hub's key file checks all but whether an early erasure is explained.
        let hub = try? KeyFiles.readSecret(settings.key.path).publicKeys
        if let hub { keyring.add(hub) }
        // What its former keys have signed is the hub's too.
        for former in try KeyRotation.formerKeys(settings) { keyring.add(former) }
        return try log(
            settings.log, keyring, hub: hub?.name, others: others.sorted(),
            now: Timestamp(milliseconds: wallClockMilliseconds()), from: from, through: through)
    }

    /// The same of any log, with the keys that are given.
    /// - hub: the hub's own name; nil: no erasure is found to be too early. others: those of hubs that share the log. now: what ends
    ///   later may not be erased.
    static func log(
        _ backend: any LogBackend, _ keyring: PublicKeyring, hub: String? = nil, others: [String] = [],
        now: Timestamp = Timestamp(milliseconds: 0), from: UInt64? = nil, through: UInt64? = nil
    ) throws(StoreError) -> VerificationReport {
        try inspect(
            backend.inspector(), keyring, hub: hub, others: others, now: now, from: from, through: through)
    }

    static func inspect(
        _ log: any LogInspector, _ keyring: PublicKeyring, hub: String? = nil, others: [String] = [],
        now: Timestamp = Timestamp(milliseconds: 0), from: UInt64? = nil, through: UInt64? = nil
    ) throws(StoreError) -> VerificationReport {
        defer { try? log.close() }
        var verification = try Verification(
            log, keyring, hubs: hub.map { [$0] + others }, now: now, from: from ?? 1, through: through)
        var progress = Progress("verifying")
        progress.say(verification.structureCheck)
        try verification.checkStructure()
        try verification.checkRecords { done, total in progress.show(done, of: total) }
        progress.end()
        return verification.report
    }
}
