internal import CSodium
internal import Glibc
internal import Notation
internal import Platform
internal import Printable
package import Settings

/// Key files: `NAME.key` with the secrets, mode 0600, and `NAME.pub`, mode 0644. Both are TOML with keys in hexadecimal.
public enum KeyFiles {
    /// Bytes in a key file, at most: 4 KiB. (One is well below 1 KiB; a public one may come from anyone.)
    public static let largestFile = 4 << 10
    private static let secretMode: UInt32 = 0o600
    private static let publicMode: UInt32 = 0o644

    /// Makes new keys and writes both files, or neither. Files that are there are never touched. Both are durable when it
    /// returns.
    /// - directory: has to be there.
    @discardableResult
    public static func generate(name: String, directory: String) throws(KeyError) -> PublicKeys {
        guard IdentityName.isValid(name) else {
            throw KeyError(path: printable(name), cause: .badName, detail: "the name \(IdentityName.rule)")
        }
        let keys = IdentityKeys(name: name)
        let secretPath = Files.path(name + ".key", from: directory)
        let publicPath = Files.path(name + ".pub", from: directory)
        try create(secretText(of: keys), at: secretPath, mode: secretMode)
        do throws(KeyError) {
            try create(publicText(of: keys.publicKeys), at: publicPath, mode: publicMode)
        } catch {
            // Ours, and of no use to anyone yet.
            try? Files.remove(secretPath)
            throw error
        }
        do {
            try Files.syncDirectory(of: secretPath)
        } catch {
            throw KeyError(error)
        }
        return keys.publicKeys
    }

    /// Makes new keys under a name in one file, which must not be there. Durable when it returns.
    package static func generateSecret(name: String, at path: String) throws(KeyError) -> IdentityKeys {
        let keys = IdentityKeys(name: name)
        try create(secretText(of: keys), at: path, mode: secretMode)
        do { try Files.syncDirectory(of: path) } catch { throw KeyError(error) }
        return keys
    }

    /// Puts keys into the place of a key file and of the `NAME.pub` beside it. Durable when it returns.
    package static func replace(_ path: String, with keys: IdentityKeys) throws(KeyError) {
        let publicPath = Files.path(keys.name + ".pub", from: Files.directory(of: path))
        do {
            try Files.writeAtomically(Array(secretText(of: keys).utf8), to: path, mode: secretMode)
            try Files.writeAtomically(
                Array(publicText(of: keys.publicKeys).utf8), to: publicPath, mode: publicMode)
        } catch { throw KeyError(error) }
    }

    /// Reads the secrets of `NAME.key`. The file has to be the running user's or root's, and nobody else's to read: by its
    /// mode, or by an access control list that names the running user alone.
    public static func readSecret(_ path: String) throws(KeyError) -> IdentityKeys {
        var (bytes, facts) = try read(path)
        // As far as it goes: the parser's copies are wiped too, Swift's strings on the way are not.
        defer { sodium_memzero(&bytes, bytes.count) }
        guard facts.kind == .regular else {
            throw KeyError(path: path, cause: .exposed, detail: "not a plain file")
        }
        let user = geteuid()
        guard facts.owner == user || facts.owner == 0 else {
            throw KeyError(
                path: path, cause: .foreign,
                detail: "it belongs to user \(facts.owner), not to user \(user), who runs this",
                remedy: user == 0
                    ? "run this as that user: sudo -u '#\(facts.owner)' ..."
                    : "run: chown \(user) \(shellWord(path)), if you know where it comes from")
        }
        // systemd gives a credential to the service's user by such a list where it can't make it the file's owner.
        guard facts.mode & 0o077 == 0 || (facts.mode & 0o037 == 0 && facts.soleReader == user) else {
            let mode = String(facts.mode & 0o777, radix: 8)
            throw KeyError(
                path: path, cause: .exposed, detail: "its mode 0\(mode) lets others in",
                remedy: "run: chmod 0600 \(shellWord(path))")
        }
        try expectNobodyElseMoves(path)
        return try secretKeys(in: try document(bytes, path))
    }

    /// Where all may write, all may put another key in this one's place; not where each may move only what is his own, as in
    /// /tmp.
    private static func expectNobodyElseMoves(_ path: String) throws(KeyError) {
        let directory = Files.directory(of: path)
        let facts: FileFacts?
        do { facts = try Files.facts(of: directory.isEmpty ? "." : directory) } catch {
            throw KeyError(error)
        }
        guard let facts, facts.mode & 0o002 != 0, facts.mode & 0o1000 == 0 else { return }
        throw KeyError(
            path: path, cause: .exposed,
            detail: "its directory's mode 0\(String(facts.mode & 0o7777, radix: 8)) lets all replace it",
            remedy: "run: chmod o-w \(shellWord(directory.isEmpty ? "." : directory))")
    }

    package static func secretKeys(in document: TOMLDocument) throws(KeyError) -> IdentityKeys {
        let path = document.file
        let file: SecretFile = try decode(document)
        try checkName(file.name, path)
        guard let curveSecret = [UInt8](hex: file.curveSecret),
            let curve = CurveKeyPair(secretKey: curveSecret),
            let seed = [UInt8](hex: file.signingSeed), let signing = SigningKey(seed: seed)
        else {
            throw damaged(path, "curve_secret and signing_seed must be 64 hexadecimal digits each")
        }
        guard [UInt8](hex: file.curvePublic) == curve.publicKey,
            [UInt8](hex: file.signingPublic) == signing.verifyingKey.bytes
        else {
            throw damaged(path, "the public and the secret half don't match")
        }
        return IdentityKeys(name: file.name, curve: curve, signing: signing)
    }

    /// Reads the public keys of `NAME.pub`, or of `NAME.ANYTHING.pub`, as the second key of a name may be called. The name
    /// in the file has to be the file's: one that says another's inside would become a key of that other unseen.
    public static func readPublic(_ path: String) throws(KeyError) -> PublicKeys {
        let keys = try publicKeys(in: try document(try read(path).bytes, path))
        let file = path.split(separator: "/").last ?? ""
        guard file.hasPrefix(keys.name + "."), file.hasSuffix(".pub") else {
            throw KeyError(
                path: printable(path), cause: .misnamed,
                detail: "it holds the key of \(keys.name), and its name doesn't say so",
                remedy: "if you know whose it is, call it \(keys.name).pub, or \(keys.name).ANYTHING.pub")
        }
        return keys
    }

    package static func publicKeys(in document: TOMLDocument) throws(KeyError) -> PublicKeys {
        let path = document.file
        if document.line(of: "curve_secret") != nil || document.line(of: "signing_seed") != nil {
            throw KeyError(
                path: path, cause: .secret, detail: "this is a secret key file, which never leaves its place",
                remedy: "use the .pub file beside it")
        }
        let file: PublicFile = try decode(document)
        try checkName(file.name, path)
        guard let curve = [UInt8](hex: file.curvePublic), curve.count == CurveKeyPair.length,
            let bytes = [UInt8](hex: file.signingPublic), let signing = VerifyingKey(bytes: bytes)
        else {
            throw damaged(path, "curve_public and signing_public must be 64 hexadecimal digits each")
        }
        return PublicKeys(name: file.name, curve: curve, signing: signing)
    }

    private static func create(_ text: String, at path: String, mode: UInt32) throws(KeyError) {
        do {
            try Files.create(Array(text.utf8), at: path, mode: mode)
        } catch {
            guard error.isPresent else { throw KeyError(error) }
            throw KeyError(
                path: path, cause: .present, detail: "there already, and keys are never overwritten",
                remedy: "choose another name or directory")
        }
    }

    private static func read(_ path: String) throws(KeyError) -> (bytes: [UInt8], facts: FileFacts) {
        do {
            return try Files.readWithFacts(path, limit: largestFile)
        } catch {
            guard error.isMissing else { throw KeyError(error) }
            throw KeyError(
                path: path, cause: .missing, detail: "there is no such key file",
                remedy: "keys are made by: borderwire keygen NAME --out DIR")
        }
    }

    private static func document(_ bytes: [UInt8], _ path: String) throws(KeyError) -> TOMLDocument {
        do {
            return try TOMLDocument(text: bytes, file: path)
        } catch {
            throw KeyError(error)
        }
    }

    private static func decode<T: Decodable>(_ document: TOMLDocument) throws(KeyError) -> T {
        do {
            return try document.decode(T.self)
        } catch {
            throw KeyError(error)
        }
    }

    private static func checkName(_ name: String, _ path: String) throws(KeyError) {
        guard IdentityName.isValid(name) else { throw damaged(path, "name \(IdentityName.rule)") }
    }

    private static func damaged(_ path: String, _ detail: String) -> KeyError {
        KeyError(
            path: path, cause: .damaged, detail: "damaged: \(detail)",
            remedy: "restore it from where it was made")
    }
}
