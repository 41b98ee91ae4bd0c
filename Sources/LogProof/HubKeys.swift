public import Alerts
public import Identity
public import Wire

extension Succession {
    /// - time: now, by the hub's clock.
    public init(from keys: IdentityKeys, to next: PublicKeys, time: Timestamp) {
        self.init(
            name: next.name, former: keys.signing.verifyingKey.bytes, curve: next.curve,
            signing: next.signing.bytes, time: time.milliseconds)
        signature = HexBytes(keys.signing.sign(Succession.signedPrefix, signedBytes))
    }

    /// nil unless a key can be made of it.
    public var keys: PublicKeys? {
        guard isWhole, let key = VerifyingKey(bytes: signing.bytes) else { return nil }
        return PublicKeys(name: name, curve: curve.bytes, signing: key)
    }

    /// Whether it names these keys as its former ones, keeps their name, and is signed with them.
    public func follows(_ former: PublicKeys) -> Bool {
        isWhole && self.former.bytes == former.signing.bytes && name == former.name
            && former.signing.verify(
                signature: signature.bytes, over: Succession.signedPrefix, signedBytes)
    }
}

/// The hub's keys as a peer knows them: those of its settings, and those that the hub has handed over to since, each signed
/// with the one before. A value: what the hub says and what becomes of connections in, the key to connect with out.
///
/// The first successor of a key is the only one: whoever has stolen the former key can't name another. And from the first
/// connection with a successor on no former key is used again, so that a key that was rotated away opens nothing.
public struct HubKeys: Sendable, Equatable {
    /// Between two changes of the key that is tried: a hub that has no room ends handshakes too, and must not be stormed.
    static let pause = Duration.seconds(2)
    /// Successions remembered after the key in the settings; then the settings need the newest.
    public static let most = 64

    /// What outlives a run.
    public struct Kept: Sendable, Equatable, Codable {
        /// Each one's `former` is the `signing` of the one before.
        public var successions: [Succession]
        /// The latest signing key with which the hub was reached; nil: that of the settings.
        public var used: HexBytes?
        /// Of the hub itself: until when the last one is only announced, ms since 1970; nil: there is none such.
        public var until: Int64?

        public init(successions: [Succession] = [], used: HexBytes? = nil) {
            self.successions = successions
            self.used = used
        }
    }

    /// A successor that is not taken over.
    public struct Refused: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// That of the settings first, then each with the one that follows it.
    public private(set) var keys: [PublicKeys]
    private var successions: [Succession] = []
    /// The latest with which the hub was reached.
    private var proven = 0
    private var tried = 0
    private var nextChange: Duration?

    /// What is kept and does not follow the key in the settings is left out: the settings are right.
    public init(_ configured: PublicKeys, _ kept: Kept = Kept()) {
        keys = [configured]
        for succession in kept.successions.prefix(HubKeys.most) {
            guard succession.follows(keys[keys.count - 1]), let next = succession.keys else { continue }
            keys.append(next)
            successions.append(succession)
        }
        proven = keys.firstIndex { $0.signing.bytes == kept.used?.bytes } ?? 0
        tried = proven
    }

    public var kept: Kept {
        Kept(
            successions: successions,
            used: proven == 0 ? nil : HexBytes(keys[proven].signing.bytes))
    }

    /// The key to connect with now.
    public var current: PublicKeys { keys[tried] }
    /// The one that the hub will go over to, taken over from it and not used yet; nil: there is none.
    public var successor: PublicKeys? { proven + 1 < keys.count ? keys[proven + 1] : nil }

    /// A connection was made, and the hub ended its handshake: as it does with who takes it for the owner of another key.
    /// - Returns: whether ``current`` is another key now.
    public mutating func failed(at now: Duration) -> Bool {
        guard keys.count > proven + 1, nextChange.map({ now >= $0 }) ?? true else { return false }
        nextChange = now + HubKeys.pause
        tried = tried + 1 < keys.count ? tried + 1 : proven
        return true
    }

    /// The hub was reached with ``current``, so it has its secret.
    /// - Returns: whether for the first time, so that ``kept`` has changed.
    public mutating func connected() -> Bool {
        guard tried > proven else { return false }
        proven = tried
        return true
    }

    /// What the hub says over a connection with ``current``.
    /// - Returns: whether it is new, so that ``kept`` has changed.
    public mutating func learn(_ succession: Succession) throws(Refused) -> Bool {
        let former = keys[proven]
        guard succession.follows(former), let next = succession.keys else {
            throw Refused(
                description: "what it names as its next key is not signed with its key \(former.fingerprint)")
        }
        if proven + 1 < keys.count {
            guard keys[proven + 1] == next else {
                throw Refused(
                    description: "it names \(next.fingerprint) as its next key, and had named "
                        + "\(keys[proven + 1].fingerprint): someone else may have its key")
            }
            return false
        }
        guard keys.count <= HubKeys.most,
            !keys.contains(where: { $0.curve == next.curve || $0.signing == next.signing })
        else { throw Refused(description: "it names a former key as its next one") }
        keys.append(next)
        successions.append(succession)
        return true
    }
}
