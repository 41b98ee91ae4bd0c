internal import HubLink
internal import Identity
internal import LogProof
internal import Platform
public import Settings

/// An analyst's settings file, `analyst.toml`; config/analyst.toml shows every key with its default.
public struct ReaderSettings: Sendable, Decodable {
    public var key: SettingsPath
    public var hub: HubList
    /// The directory of the posts' public key files, handed over by the posts themselves: with them the analyst checks
    /// signatures without having to trust the hub. nil: no signature can be verified.
    public var posts: SettingsPath?
    /// The directory of cursors; nil: `--cursor` can't be used.
    public var state: SettingsPath?
    /// nil: the usual places (``ReferenceData``).
    public var provinces: SettingsPath?
    /// For whom alerts may be taken out of the house.
    public var export = ExportSettings()

    private enum CodingKeys: String, CodingKey { case key, hub, posts, state, provinces, export }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        key = try values.decode(SettingsPath.self, forKey: .key)
        hub = try values.decode(HubList.self, forKey: .hub)
        posts = try values.decodeIfPresent(SettingsPath.self, forKey: .posts)
        state = try values.decodeIfPresent(SettingsPath.self, forKey: .state)
        provinces = try values.decodeIfPresent(SettingsPath.self, forKey: .provinces)
        export = try values.value(.export, default: export)
    }

    /// - state: where the hub's next keys are kept.
    public init(key: SettingsPath, hub: HubList, state: SettingsPath?, provinces: SettingsPath?) {
        (self.key, self.hub, self.state, self.provinces) = (key, hub, state, provinces)
    }

    /// The hubs of the settings, and the keys that they have handed over to, which are kept beside the cursors.
    /// - reader: whose name it is that reads.
    func hubs(for reader: String) throws -> Hubs { try Hubs(hub, state: state?.path, spreading: reader) }

    /// The posts' keys, the reader's own, and all of the hub's, which sign its operator's notices. Where a name has several,
    /// this is told: each is trusted as much as the other.
    func keyring(
        with hub: KnownHub, _ own: PublicKeys, tell: (String) -> Void
    ) throws(KeyError) -> PublicKeyring {
        var keyring =
            try posts.map { path throws(KeyError) in try PublicKeyring(directory: path.path) }
            ?? PublicKeyring()
        for sentence in keyring.shared { tell(sentence) }
        keyring.add(own)
        return keyring.with(hub)
    }
}

extension PublicKeyring {
    func with(_ hub: KnownHub) -> PublicKeyring {
        var keyring = self
        for key in hub.keys { keyring.add(key) }
        return keyring
    }
}
