internal import Identity
public import Settings

/// An analyst's settings file, `analyst.toml`; config/analyst.toml shows every key with its default.
public struct ReaderSettings: Sendable, Decodable {
    public var key: SettingsPath
    public var hub: HubAddress
    /// The directory of the posts' public key files, handed over by the posts themselves: with them the analyst checks
    /// signatures without having to trust the hub. nil: no signature can be verified.
    public var posts: SettingsPath?
    /// The directory of cursors; nil: `--cursor` can't be used.
    public var state: SettingsPath?
    /// nil: the usual places (``ReferenceData``).
    public var provinces: SettingsPath?

    /// The posts' keys, and the hub's, which signs its operator's notices. Where a name has several, standard error says so:
    /// each is trusted as much as the other.
    func keyring(with hub: PublicKeys) throws(KeyError) -> PublicKeyring {
        var keyring =
            try posts.map { path throws(KeyError) in try PublicKeyring(directory: path.path) }
            ?? PublicKeyring()
        for sentence in keyring.shared { StandardError.write(line: "borderwire: \(sentence)") }
        keyring.add(hub)
        return keyring
    }
}
