internal import AlertStore
internal import Identity
internal import Notation
internal import Platform
internal import Settings

/// Modes and owners of the hub's files, and public key files against the registry.
struct FileCheck {
    let settings: HubSettings
    /// The settings' own file.
    let file: String

    /// Whoever can write one of these can make himself an identity.
    func modes() throws(Failure) {
        var wrong: [String] = []
        for path in [file, settings.registry.path, settings.state.path] {
            guard let facts = try? Files.facts(of: path) else { continue }
            if facts.mode & 0o022 != 0 {
                wrong.append("\(path) can be written by others: chmod go-w \(path)")
            }
        }
        let owner = (try? Files.facts(of: settings.state.path))?.owner
        for path in settings.log.files {
            guard let facts = try? Files.facts(of: path) else { continue }
            if facts.mode & 0o077 != 0 {
                wrong.append("\(path) can be read by others: chmod go= \(path)")
            }
            if let owner, facts.owner != owner {
                wrong.append(
                    "\(path) is of user \(facts.owner), its directory of user \(owner): chown \(owner) \(path)"
                )
            }
        }
        guard wrong.isEmpty else {
            throw Failure(wrong.joined(separator: "; "), status: .noPermission)
        }
    }

    /// The hub's key is nobody else's, and each `NAME.pub` beside the registry has the keys under which NAME is enrolled.
    func keys(_ registry: Registry, hub: IdentityKeys?) throws(Failure) {
        var wrong: [String] = []
        if let hub, let owner = registry.identity(user: hub.curve.publicKey.hex) {
            wrong.append(
                "\(owner.name) is enrolled with the hub's own key: revoke it, and make it keys of its own")
        }
        let directory = Files.directory(of: settings.registry.path)
        let names = ((try? Files.names(in: directory)) ?? []).filter { $0.hasSuffix(".pub") }.sorted()
        for name in names.prefix(PublicKeyring.mostFiles) {
            let path = Files.path(name, from: directory)
            let keys: PublicKeys
            do throws(KeyError) { keys = try KeyFiles.readPublic(path) } catch {
                wrong.append("\(error)")
                continue
            }
            if let hub, keys.name == hub.name, registry.named(keys.name) == nil {
                if keys != hub.publicKeys {
                    wrong.append(
                        "\(path) is not of the hub's key \(settings.key): peers that have it can't connect")
                }
            } else if let identity = registry.named(keys.name), identity.keys != keys,
                !identity.former.contains(where: { $0.keys == keys })
            {
                wrong.append(
                    "\(path) has other keys than \(keys.name) is enrolled with: enroll --rotate it, or remove the file"
                )
            }
        }
        guard wrong.isEmpty else { throw Failure(wrong.joined(separator: "; "), status: .dataError) }
    }
}
