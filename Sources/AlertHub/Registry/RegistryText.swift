package import Alerts
internal import Identity
internal import Notation
internal import Printable
package import Settings

/// The registry as text: TOML, one `[[identity]]` each. The same in a file and in a database.
package struct RegistryText: Sendable {
    /// Bytes; about 20,000 identities.
    static let largest = 8 << 20

    /// What errors call it: a file's path, or which version of a database's it is.
    let name: String
    let provinces: ProvinceDirectory

    package init(name: String, provinces: ProvinceDirectory) {
        self.name = name
        self.provinces = provinces
    }

    /// What a text says.
    struct Content: Sendable, Equatable {
        var registry: Registry
        /// Whether the text says how many identities it has.
        var isCounted: Bool
        /// Tells one content from another; empty for no file and for an empty one.
        var digest: String
    }

    /// - Returns: what is in a text that is not empty.
    func content(of bytes: [UInt8]) throws(SettingsError) -> Content {
        guard bytes.count <= RegistryText.largest else {
            throw SettingsError(
                file: name, cause: "has \(bytes.count) bytes, and a registry at most \(RegistryText.largest)")
        }
        let (registry, isCounted) = try registry(in: try TOMLDocument(text: bytes, file: name))
        return Content(registry: registry, isCounted: isCounted, digest: RegistryText.digest(bytes))
    }

    static func digest(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "" : Array(sha256(bytes).prefix(16)).hex
    }

    /// - Returns: the registry, and whether the text says how many identities it has.
    package func registry(
        in document: TOMLDocument
    ) throws(SettingsError) -> (registry: Registry, isCounted: Bool) {
        let decoded = try document.decode(Rows.self)
        let rows = decoded.identity
        if decoded.count == nil, rows.isEmpty {
            throw SettingsError(
                file: name, cause: "lists nobody, and does not say so: the file is not whole",
                remedy: "put back a whole one from a backup, or remove it to begin with nobody")
        }
        if let count = decoded.count, count != rows.count {
            throw document.error(
                at: "count", "says \(count), and \(rows.count) identities are here: the file is not whole",
                remedy: "put back a whole one from a backup; whoever edits it by hand corrects the count")
        }
        var identities: [EnrolledIdentity] = []
        var names: Set<String> = []
        var owners: [[UInt8]: String] = [:]
        for (index, row) in rows.enumerated() {
            let place = "identity[\(index)]"
            let keys = try keys(row, place, document)
            let publish = try grant(row.publish, "\(place).publish", document)
            let read = try grant(row.read, "\(place).read", document)
            var address: Grant?
            if let texts = row.address { address = try grant(texts, "\(place).address", document) }
            let duty = try grant(row.duty ?? [], "\(place).duty", document)
            let unread = duty.beyond(read)
            guard unread.isEmpty else {
                throw document.error(
                    at: "\(place).duty", "\(unread.texts.joined(separator: ", ")) is not covered by read",
                    remedy: "who is on duty reads what it is on duty for: add it to read")
            }
            let may = try permissions(row.may ?? [], "\(place).may", document)
            guard names.insert(keys.name).inserted else {
                throw document.error(at: "\(place).name", "\(keys.name) is enrolled twice")
            }
            if let owner = owners.updateValue(keys.name, forKey: keys.curve) {
                throw document.error(at: "\(place).curve", "\(owner) has the same key")
            }
            let former = try former(row, keys.name, place, document)
            for (older, one) in former.enumerated() {
                if let owner = owners.updateValue(keys.name, forKey: one.keys.curve) {
                    throw document.error(at: "\(place).former[\(older)].curve", "\(owner) has the same key")
                }
            }
            identities.append(
                EnrolledIdentity(
                    keys: keys, publish: publish, read: read, address: address, duty: duty, may: may,
                    former: former))
        }
        return (Registry(identities), decoded.count != nil)
    }

    package static func text(of registry: Registry) -> String {
        var text = """
            # Borderwire's registry: who may publish and read what. Made by borderwire-hub enroll and revoke;
            # a running hub follows it within a second. Public keys only. A file with fewer identities than it says was cut,
            # and is refused.

            count = \(registry.identities.count)

            """
        for identity in registry.identities {
            text += """

                [[identity]]
                name = "\(identity.name)"
                curve = "\(identity.keys.curve.hex)"
                signing = "\(identity.keys.signing.bytes.hex)"
                \(identity.address.map { "address = [\(list($0.texts))]\n" } ?? "")publish = [\(list(identity.publish.texts))]
                read = [\(list(identity.read.texts))]

                """
            // After what an older hub knows, and only where there is something: it refuses keys that it doesn't know.
            if !identity.duty.isEmpty { text += "duty = [\(list(identity.duty.texts))]\n" }
            if !identity.may.isEmpty { text += "may = [\(list(identity.may.map(\.rawValue).sorted()))]\n" }
            for former in identity.former {
                text += """

                    [[identity.former]]
                    curve = "\(former.keys.curve.hex)"
                    signing = "\(former.keys.signing.bytes.hex)"
                    until = "\(former.until.rfc3339())"

                    """
            }
        }
        return text
    }

    private func keys(
        _ row: Row, _ place: String, _ document: TOMLDocument
    ) throws(SettingsError) -> PublicKeys {
        guard IdentityName.isValid(row.name) else {
            throw document.error(at: "\(place).name", IdentityName.rule)
        }
        return try keys(row.name, row.curve, row.signing, place, document)
    }

    private func former(
        _ row: Row, _ name: String, _ place: String, _ document: TOMLDocument
    ) throws(SettingsError) -> [FormerKeys] {
        let rows = row.former ?? []
        guard rows.count <= EnrolledIdentity.mostFormer else {
            throw document.error(at: "\(place).former", "at most \(EnrolledIdentity.mostFormer) former keys")
        }
        var former: [FormerKeys] = []
        for (index, row) in rows.enumerated() {
            let place = "\(place).former[\(index)]"
            guard let until = Timestamp(rfc3339: row.until) else {
                throw document.error(
                    at: "\(place).until", "must be a time such as 2026-12-01T08:00:00+07:00")
            }
            former.append(
                FormerKeys(keys: try keys(name, row.curve, row.signing, place, document), until: until))
        }
        return former
    }

    private func keys(
        _ name: String, _ curve: String, _ signing: String, _ place: String, _ document: TOMLDocument
    ) throws(SettingsError) -> PublicKeys {
        guard let curve = [UInt8](hex: curve), curve.count == CurveKeyPair.length else {
            throw document.error(
                at: "\(place).curve", "must be \(2 * CurveKeyPair.length) hexadecimal digits")
        }
        guard let bytes = [UInt8](hex: signing), let signing = VerifyingKey(bytes: bytes) else {
            throw document.error(at: "\(place).signing", "must be an Ed25519 key in 64 hexadecimal digits")
        }
        return PublicKeys(name: name, curve: curve, signing: signing)
    }

    private func grant(
        _ texts: [String], _ key: String, _ document: TOMLDocument
    ) throws(SettingsError) -> Grant {
        do throws(Grant.Unknown) {
            return try Grant(texts, provinces: provinces)
        } catch {
            throw document.error(at: key, words(error))
        }
    }

    private func permissions(
        _ texts: [String], _ key: String, _ document: TOMLDocument
    ) throws(SettingsError) -> Set<Permission> {
        var permissions: Set<Permission> = []
        for text in texts {
            guard let permission = Permission(rawValue: text) else {
                throw document.error(at: key, "\(printable(text)) is none of \(Permission.words)")
            }
            permissions.insert(permission)
        }
        return permissions
    }

    private static func list(_ texts: [String]) -> String {
        texts.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    private struct Rows: Decodable {
        /// nil: written by hand, or by a program that didn't count.
        var count: Int?
        var identity: [Row]

        private enum CodingKeys: String, CodingKey { case count, identity }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            count = try values.decodeIfPresent(Int.self, forKey: .count)
            identity = try values.decodeIfPresent([Row].self, forKey: .identity) ?? []
        }
    }

    private struct Row: Decodable {
        var name: String
        var curve: String
        var signing: String
        var publish: [String]
        var read: [String]
        /// nil: all.
        var address: [String]?
        /// nil: none.
        var duty: [String]?
        var may: [String]?
        var former: [FormerRow]?
    }

    private struct FormerRow: Decodable {
        var curve: String
        var signing: String
        var until: String
    }
}

/// In words: Alerts has no opinion on how its errors are printed.
func words(_ unknown: Grant.Unknown) -> String {
    let names = unknown.nearest.map(\.slug).joined(separator: ", ")
    return "\(printable(unknown.text)) names no province"
        + (names.isEmpty ? "" : "; the nearest are \(names)")
}
