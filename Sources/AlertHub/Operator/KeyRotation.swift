public import Alerts
internal import AlertStore
internal import Identity
internal import LogProof
internal import Platform
internal import Settings
internal import Wire

/// `borderwire-hub rotate-key`: new keys for the hub, announced under the old ones first, so that nobody is cut off.
///
/// The hub never goes over to them by itself: it can't write where its key is, a clock could be wrong, and who would be cut
/// off is the operator's to judge.
public enum KeyRotation {
    public struct Report: Sendable, Equatable {
        /// Of the new keys.
        public var fingerprint: String
        /// Until when they are only announced.
        public var until: Timestamp
        /// Whether a hub runs, and announces them.
        public var isAnnounced: Bool
    }

    /// The running hub looks at the file each second; this leaves room for a busy machine.
    static let patience = Duration.seconds(10)
    static let pause = Duration.milliseconds(50)

    static func file(_ settings: HubSettings) -> HubKeyFile { HubKeyFile(settings.hubKeys) }

    /// Where the new secret keys wait.
    static func next(_ settings: HubSettings) -> String { settings.key.path + ".next" }

    static func successor(of key: VerifyingKey, in kept: HubKeys.Kept) -> Succession? {
        kept.successions.last { $0.former.bytes == key.bytes }
    }

    /// For what they have signed; they have no CURVE key here.
    static func formerKeys(_ settings: HubSettings) throws -> [PublicKeys] {
        try file(settings).read().successions.compactMap { succession in
            VerifyingKey(bytes: succession.former.bytes).map {
                PublicKeys(name: succession.name, curve: [], signing: $0)
            }
        }
    }

    /// Makes the new keys and the word for them. Returns once a hub that runs announces it.
    /// - overlap: for how long they are to be only announced.
    public static func begin(_ settings: HubSettings, overlap: Duration) throws -> Report {
        let keys = try KeyFiles.readSecret(settings.key.path)
        guard try Files.facts(of: settings.state.path)?.kind == .directory else {
            throw Failure("\(settings.state) is not a directory", status: .config)
        }
        var kept = try file(settings).read()
        if let under = successor(of: keys.signing.verifyingKey, in: kept), let next = under.keys {
            throw Failure(
                "\(next.fingerprint) is announced as the next key already"
                    + (kept.until.map { ", until \(Timestamp(milliseconds: $0).rfc3339())" } ?? ""),
                remedy: "borderwire-hub rotate-key --finish ends it", status: .dataError)
        }
        guard kept.successions.count < HubKeys.most else {
            throw Failure(
                "\(settings.hubKeys) has \(HubKeys.most) successions, which is the most that peers follow",
                remedy: "give all peers the present hub.pub by hand, then move the file away",
                status: .dataError)
        }
        let now = try ClockCommand.now(settings)
        let until = now.after(overlap)
        // There already: an earlier try ended between the two files.
        let path = next(settings)
        let new =
            try Files.facts(of: path) == nil
            ? try KeyFiles.generateSecret(name: keys.name, at: path) : try KeyFiles.readSecret(path)
        kept.successions.append(Succession(from: keys, to: new.publicKeys, time: now))
        kept.until = until.milliseconds
        try write(kept, settings)
        let fingerprint = new.publicKeys.fingerprint
        return Report(
            fingerprint: fingerprint, until: until, isAnnounced: try wait(fingerprint, settings))
    }

    /// Puts the new keys into the place of the old ones, whose secrets are gone then. The next start uses them.
    /// - isEarly: also before they were announced for as long as was asked for.
    /// - Returns: the fingerprint of the new keys.
    public static func finish(_ settings: HubSettings, isEarly: Bool) throws -> String {
        let keys = try KeyFiles.readSecret(settings.key.path)
        var kept = try file(settings).read()
        let path = next(settings)
        guard let succession = successor(of: keys.signing.verifyingKey, in: kept) else {
            // An earlier try ended before the last step.
            guard kept.until != nil, kept.successions.last?.keys == keys.publicKeys else {
                throw Failure(
                    "no next key is announced, so there is nothing to finish",
                    remedy: "borderwire-hub rotate-key begins a rotation", status: .dataError)
            }
            try conclude(&kept, keys, settings)
            return keys.publicKeys.fingerprint
        }
        let until = Timestamp(milliseconds: kept.until ?? 0)
        if !isEarly {
            guard try ClockCommand.now(settings) >= until else {
                throw Failure(
                    "the next key is to be announced until \(until.rfc3339()): peers that have not said hello since it began "
                        + "would be cut off",
                    remedy: "wait, or say --now as well", status: .tempFail)
            }
        }
        let new = try KeyFiles.readSecret(path)
        guard new.publicKeys == succession.keys else {
            throw Failure("\(path) has other keys than were announced", status: .dataError)
        }
        try conclude(&kept, new, settings)
        return new.publicKeys.fingerprint
    }

    private static func conclude(
        _ kept: inout HubKeys.Kept, _ new: IdentityKeys, _ settings: HubSettings
    ) throws {
        try KeyFiles.replace(settings.key.path, with: new)
        if try Files.facts(of: next(settings)) != nil { try Files.remove(next(settings)) }
        kept.until = nil
        try write(kept, settings)
    }

    private static func write(_ kept: HubKeys.Kept, _ settings: HubSettings) throws(FileError) {
        try file(settings).write(kept)
        try Files.giveToOwner(ofDirectoryOf: settings.hubKeys)
    }

    /// - Returns: false when no hub runs.
    private static func wait(_ fingerprint: String, _ settings: HubSettings) throws -> Bool {
        let end = steadyClock() + patience
        repeat {
            guard try settings.log.isInUse() else { return false }
            if let status = try? StatusQuery.ask(settings), status.successor == fingerprint { return true }
            sleep(pause)
        } while steadyClock() < end
        throw Failure(
            "the next key is made, and after \(patience.settingText) the running hub does not announce it",
            remedy: "its journal says why (key-not-announced); systemctl restart borderwire-hub",
            status: .tempFail)
    }
}
