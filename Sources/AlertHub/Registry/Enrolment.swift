public import Alerts
public import Identity
internal import Notation
internal import Platform
internal import Printable
internal import Provinces
internal import Settings
internal import Spelling

/// Changes of the registry, one at a time, whoever makes them.
public struct Enrolment {
    private let store: any RegistryStore
    private let provinces: ProvinceDirectory
    /// The hub's key file.
    private let key: String

    public init(_ settings: HubSettings) throws {
        key = settings.key.path
        provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
        store = settings.registryStore(provinces)
    }

    public func identities() throws -> [EnrolledIdentity] { try store.read().identities }

    /// Adds an identity, or gives one that is there new grants: what was granted before is replaced.
    ///
    /// A name that is enrolled with other keys is refused: revoke it first, so that nobody takes over a name unseen.
    /// - address: provinces that its alerts may concern beyond those that it may publish for; empty: all.
    /// - may: ``Permission`` in words.
    public func enroll(
        _ keys: PublicKeys, publish: [String], read: [String], address: [String] = [], duty: [String] = [],
        may: [String] = []
    ) throws -> EnrolledIdentity {
        let new = EnrolledIdentity(
            keys: keys, publish: try grant(publish), read: try grant(read),
            address: address.isEmpty ? nil : try grant(address), duty: try grant(duty),
            may: try permissions(may))
        var changed = new
        try expectNotHub(keys)
        guard !new.publish.isEmpty || !new.read.isEmpty else {
            throw Failure(
                "\(keys.name) would be granted nothing",
                remedy: "add --publish PROVINCE, --read PROVINCE or both", status: .dataError)
        }
        let unread = new.duty.beyond(new.read)
        guard unread.isEmpty else {
            let missing = unread.texts.joined(separator: ",")
            throw Failure(
                "\(keys.name) would be on duty for what it may not read: \(missing)",
                remedy: "add --read \(missing)", status: .dataError)
        }
        try store.change { identities in
            try Enrolment.expectUnknown(keys, among: identities)
            if let index = identities.firstIndex(where: { $0.name == keys.name }) {
                guard identities[index].keys == keys else {
                    throw Failure(
                        "\(keys.name) is enrolled with other keys",
                        remedy:
                            "if they are to be replaced, enroll --rotate; if they were stolen, revoke \(keys.name) first",
                        status: .dataError)
                }
                identities[index].publish = new.publish
                identities[index].read = new.read
                identities[index].address = new.address
                identities[index].duty = new.duty
                identities[index].may = new.may
                changed = identities[index]
            } else {
                identities.append(new)
            }
        }
        return changed
    }

    /// Gives an identity new keys; its grants stay. The ones it has now are as good as the new ones for a while, so that what
    /// the post has signed and not yet sent is still taken, and nobody is cut off.
    /// - overlap: for how long; with the keys that are in force already, it ends what was left of an earlier overlap after
    ///   this time.
    public func rotate(
        to keys: PublicKeys, overlap: Duration, now: Timestamp
    ) throws -> EnrolledIdentity {
        // Whole seconds: the registry has no others.
        let until = Timestamp(
            milliseconds: (now.milliseconds / 1_000 + overlap.components.seconds) * 1_000)
        var changed: EnrolledIdentity?
        try expectNotHub(keys)
        try store.change { identities in
            guard let index = identities.firstIndex(where: { $0.name == keys.name }) else {
                throw Failure(
                    "\(keys.name) is not in the registry, so there is nothing to rotate",
                    remedy: "enroll it without --rotate, with its grants", status: .dataError)
            }
            try Enrolment.expectUnknown(keys, among: identities)
            var identity = identities[index]
            guard !identity.former.contains(where: { $0.keys.curve == keys.curve }) else {
                throw Failure(
                    "these are former keys of \(keys.name)", remedy: "make new ones: borderwire keygen",
                    status: .dataError)
            }
            for older in identity.former.indices {
                identity.former[older].until = min(identity.former[older].until, until)
            }
            if identity.keys != keys {
                identity.former.append(FormerKeys(keys: identity.keys, until: until))
                identity.keys = keys
            }
            // The ones beyond verify nothing any more: `verify --posts` takes their .pub files.
            identity.former.removeFirst(max(0, identity.former.count - EnrolledIdentity.mostFormer))
            identities[index] = identity
            changed = identity
        }
        guard let changed else { throw Failure("\(keys.name) was not changed", status: .dataError) }
        return changed
    }

    /// Whoever has the hub's key could sign as the identity, and would be taken for the operator on control; under the hub's name
    /// nobody speaks but the hub, which signs its operator's notices with it. Where its key file can't be read, as by an
    /// operator on another machine, `check` finds the key.
    private func expectNotHub(_ keys: PublicKeys) throws(Failure) {
        guard let hub = try? KeyFiles.readSecret(key).publicKeys else { return }
        guard hub.curve != keys.curve, hub.signing != keys.signing else {
            throw Failure(
                "these are the hub's own keys", remedy: "give the .pub file of a post or an analyst",
                status: .dataError)
        }
        guard hub.name != keys.name else {
            throw Failure(
                "\(keys.name) is the hub's own name", remedy: "make keys of another name: borderwire keygen",
                status: .dataError)
        }
    }

    /// No other identity has or had this key.
    private static func expectUnknown(_ keys: PublicKeys, among identities: [EnrolledIdentity]) throws {
        for other in identities where other.name != keys.name && other.users.contains(keys.curve.hex) {
            throw Failure(
                "\(other.name) is enrolled with the same key", remedy: "make new keys for each identity",
                status: .dataError)
        }
    }

    public func revoke(_ name: String) throws {
        try store.change { identities in
            guard let index = identities.firstIndex(where: { $0.name == name }) else {
                let nearest = nearest(to: name, among: identities.map(\.name))
                throw Failure(
                    "\(printable(name)) is not in the registry",
                    remedy: nearest.map { "did you mean \($0)?" } ?? "borderwire-hub identities lists who is",
                    status: .dataError)
            }
            identities.remove(at: index)
        }
    }

    private func grant(_ texts: [String]) throws(Failure) -> Grant {
        do throws(Grant.Unknown) {
            return try Grant(texts, provinces: provinces)
        } catch {
            throw Failure(words(error), status: .usage)
        }
    }

    private func permissions(_ texts: [String]) throws(Failure) -> Set<Permission> {
        var permissions: Set<Permission> = []
        for text in texts {
            guard let permission = Permission(rawValue: text) else {
                let nearest = nearest(to: text, among: Permission.allCases.map(\.rawValue))
                throw Failure(
                    "--may \(printable(text)) is none of \(Permission.words)",
                    remedy: nearest.map { "did you mean \($0)?" } ?? "", status: .usage)
            }
            permissions.insert(permission)
        }
        return permissions
    }
}
