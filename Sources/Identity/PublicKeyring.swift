internal import Platform

/// What a reader finds out about a signature.
public enum SignatureCheck: String, Sendable, Hashable {
    case valid
    case invalid
    /// There is no key to check it with.
    case unknown
}

/// Public keys by name, for a reader's own check of what a post signed. A value.
public struct PublicKeyring: Sendable {
    /// Files in a keyring's directory, at most.
    public static let mostFiles = 10_000

    /// By name; a name may have several, old and new, of which any will do.
    public private(set) var keys: [String: [PublicKeys]] = [:]

    public init(_ keys: [PublicKeys] = []) {
        for key in keys { add(key) }
    }

    /// Reads every `*.pub` of a directory. One that can't be read, or that is called otherwise than its owner
    /// (``KeyFiles/readPublic(_:)``), is an error, since an analyst would take its owner's alerts for unsigned.
    public init(directory: String) throws(KeyError) {
        let names: [String]
        do {
            names = try Files.names(in: directory).filter { $0.hasSuffix(".pub") }
        } catch {
            throw KeyError(error)
        }
        guard names.count <= PublicKeyring.mostFiles else {
            throw KeyError(
                path: directory, cause: .damaged, detail: "more than \(PublicKeyring.mostFiles) public keys")
        }
        for name in names { add(try KeyFiles.readPublic(Files.path(name, from: directory))) }
    }

    /// A sentence for each name that has several keys, for who relies on them: that a second one is trusted must be seen.
    public var shared: [String] {
        keys.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { name, keys in
            "\(name) has \(keys.count) public keys here (\(keys.map(\.fingerprint).sorted().joined(separator: ", "))): "
                + "a signature by any of them counts as its own"
        }
    }

    public mutating func add(_ key: PublicKeys) {
        if keys[key.name]?.contains(key) == true { return }
        keys[key.name, default: []].append(key)
    }

    /// Whether one of the name's keys made the seal over the header and the payload of this digest.
    public func check(
        seal: [UInt8], over header: [UInt8], digest: [UInt8], by name: String, _ checker: inout SealChecker
    ) -> SignatureCheck {
        signer(seal: seal, over: header, digest: digest, by: name, &checker).check
    }

    /// The same, and which of them it was.
    public func signer(
        seal: [UInt8], over header: [UInt8], digest: [UInt8], by name: String, _ checker: inout SealChecker
    ) -> (check: SignatureCheck, keys: PublicKeys?) {
        guard let known = keys[name] else { return (.unknown, nil) }
        for key in known where checker.check(seal, over: header, digest: digest, by: key.signing) {
            return (.valid, key)
        }
        return (.invalid, nil)
    }
}
