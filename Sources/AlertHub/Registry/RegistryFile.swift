public import Alerts
public import Platform
public import Settings

/// The registry's file: TOML, one `[[identity]]` each. Written by `borderwire-hub enroll` and `revoke`, whole or not at
/// all, and read again by the running hub when it changes.
public struct RegistryFile: Sendable {
    public let path: String
    let provinces: ProvinceDirectory

    public init(path: String, provinces: ProvinceDirectory) {
        self.path = path
        self.provinces = provinces
    }

    /// - Returns: an empty registry when there is no file yet.
    public func read() throws(SettingsError) -> Registry { try readContent().registry }

    /// The same for a hub that runs with an earlier one: a file that is gone, or is cut before its first line, never revokes
    /// everybody. Who means that revokes them with the command, which leaves a file that says so.
    func read(after former: Registry) throws(SettingsError) -> RegistryText.Content {
        let content = try readContent()
        guard content.isCounted || former.identities.isEmpty || !content.registry.identities.isEmpty else {
            throw SettingsError(
                file: path, cause: "is gone or empty, and was not emptied with borderwire-hub revoke",
                remedy:
                    "put it back; the hub goes on with the \(former.identities.count) identities that it knows"
            )
        }
        return content
    }

    private func readContent() throws(SettingsError) -> RegistryText.Content {
        let bytes = try RegistryFile.bytes(of: path)
        // A package makes an empty one, to be filled.
        guard !bytes.isEmpty else {
            return RegistryText.Content(registry: Registry(), isCounted: false, digest: "")
        }
        return try RegistryText(name: path, provinces: provinces).content(of: bytes)
    }

    /// The digest of what a file holds now, whether or not it is a registry.
    static func digest(of path: String) throws(SettingsError) -> String {
        RegistryText.digest(try bytes(of: path))
    }

    static func bytes(of path: String) throws(SettingsError) -> [UInt8] {
        do throws(FileError) {
            return try Files.read(path, limit: RegistryText.largest)
        } catch {
            guard !error.isMissing else { return [] }
            throw SettingsError(file: path, cause: error.cause, remedy: error.remedy, code: error.code)
        }
    }

    public func write(_ registry: Registry) throws(FileError) {
        try Files.writeAtomically(Array(RegistryText.text(of: registry).utf8), to: path, mode: 0o640)
    }
}
