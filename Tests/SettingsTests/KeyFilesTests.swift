import CLinux
import Foundation
import Identity
import Notation
import Platform
import Settings
import Testing

@Suite("Key files")
struct KeyFilesTests {
    private let scratch: Scratch
    private var secret: String { scratch.path + "/koh-kong.key" }
    private var shared: String { scratch.path + "/koh-kong.pub" }

    init() throws { scratch = try Scratch() }

    private func complaint(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return "\(error)".replacingOccurrences(of: scratch.path + "/", with: "")
        }
    }

    private func rewrite(_ path: String, _ change: (String) -> String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try Files.writeAtomically(Array(change(text).utf8), to: path, mode: 0o600)
    }

    @Test("generated files hold one identity: the secret one for its owner alone, the public one for all")
    func generates() throws {
        let made = try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        let keys = try KeyFiles.readSecret(secret)
        #expect(keys.name == "koh-kong")
        #expect(keys.publicKeys == made)
        #expect(try KeyFiles.readPublic(shared) == made)
        #expect(try Files.facts(of: secret)?.mode == 0o600)
        #expect(try Files.facts(of: shared)?.mode == 0o644)
        #expect(made.signing.verify(signature: keys.signing.sign([7]), over: [7]))
        let text = try String(contentsOfFile: shared, encoding: .utf8)
        #expect(!text.contains(keys.curve.secretKey.hex))
        #expect(!text.contains("seed"))
    }

    @Test("a key is never overwritten, and a half that could not be written takes the other back")
    func neverOverwrites() throws {
        let first = try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        #expect(
            complaint { try KeyFiles.generate(name: "koh-kong", directory: scratch.path) }
                == "koh-kong.key: there already, and keys are never overwritten; choose another name or directory"
        )
        #expect(try KeyFiles.readPublic(shared) == first)
        try Files.remove(secret)
        #expect(
            complaint { try KeyFiles.generate(name: "koh-kong", directory: scratch.path) }
                .hasPrefix("koh-kong.pub: there already"))
        #expect(try Files.names(in: scratch.path) == ["koh-kong.pub"])
    }

    @Test(
        "a name that is none is refused",
        arguments: ["", "-a", "Koh", "a b", "../a", "កោះ", String(repeating: "a", count: 41)])
    func refusesNames(name: String) throws {
        #expect(throws: KeyError.self) { try KeyFiles.generate(name: name, directory: scratch.path) }
        #expect(try Files.names(in: scratch.path).isEmpty)
    }

    @Test("a name of forty letters is a name")
    func takesLongestName() {
        #expect(IdentityName.isValid(String(repeating: "a", count: 40)))
    }

    /// An access control list as the kernel takes it: (tag, permissions, id) each.
    private func accessList(_ entries: [(UInt16, UInt16, UInt32)]) -> [UInt8] {
        func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }
        return bytes(UInt32(2)) + entries.flatMap { bytes($0.0) + bytes($0.1) + bytes($0.2) }
    }

    private func read(withList entries: [(UInt16, UInt16, UInt32)]) throws -> String {
        try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        let list = accessList(entries)
        try #require(setxattr(secret, "system.posix_acl_access", list, list.count, 0) == 0)
        #expect(try Files.facts(of: secret)?.mode == 0o640)
        return complaint { _ = try KeyFiles.readSecret(secret) }
    }

    @Test("a key file that a list opens to the running user alone is taken, as systemd's credentials are")
    func takesOwnList() throws {
        let list: [(UInt16, UInt16, UInt32)] = [
            (1, 6, ~0), (2, 4, geteuid()), (4, 0, ~0), (0x10, 4, ~0), (0x20, 0, ~0),
        ]
        #expect(try read(withList: list) == "no error")
    }

    @Test(
        "a key file that a list opens to another user, or a group, is refused",
        arguments: [
            [(2, 4, 4_711), (4, 0, ~0)], [(2, 4, geteuid()), (2, 4, 4_711), (4, 0, ~0)],
            [(2, 4, geteuid()), (4, 4, ~0)], [(2, 4, geteuid()), (4, 0, ~0), (8, 4, 4_711)],
        ] as [[(UInt16, UInt16, UInt32)]])
    func refusesLists(middle: [(UInt16, UInt16, UInt32)]) throws {
        let text = try read(withList: [(1, 6, ~0)] + middle + [(0x10, 4, ~0), (0x20, 0, ~0)])
        #expect(text.hasPrefix("koh-kong.key: its mode 0640 lets others in"))
    }

    @Test(
        "a key file that others can read or write is refused with the command that mends it",
        arguments: [0o640, 0o604, 0o620, 0o610])
    func refusesModes(mode: Int) throws {
        try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        #expect(chmod(secret, mode_t(mode)) == 0)
        #expect(
            complaint { _ = try KeyFiles.readSecret(secret) }
                == "koh-kong.key: its mode 0\(String(mode, radix: 8)) lets others in; run: chmod 0600 koh-kong.key"
        )
        #expect(chmod(secret, 0o400) == 0)
        #expect(throws: Never.self) { try KeyFiles.readSecret(secret) }
    }

    @Test(
        "a key file of another user is refused",
        .enabled(if: geteuid() == 0, "only root can give a file away"))
    func refusesOwners() throws {
        try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        #expect(chown(secret, 12345, 12345) == 0)
        #expect(
            complaint { _ = try KeyFiles.readSecret(secret) }
                == "koh-kong.key: it belongs to user 12345, not to user 0, who runs this; run this as that user: sudo -u '#12345' ..."
        )
    }

    @Test("a secret key in a directory where all may put another in its place is refused; /tmp is none")
    func openDirectory() throws {
        let scratch = try Scratch()
        try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        let path = scratch.path + "/koh-kong.key"
        #expect(chmod(scratch.path, 0o777) == 0)
        #expect {
            try KeyFiles.readSecret(path)
        } throws: {
            ($0 as? KeyError)?.cause == .exposed && "\($0)".contains("chmod o-w")
        }
        #expect(chmod(scratch.path, 0o1777) == 0)
        _ = try KeyFiles.readSecret(path)
    }

    @Test("a missing key file says how to make one")
    func namesMissing() {
        #expect(
            complaint { _ = try KeyFiles.readSecret(secret) }
                == "koh-kong.key: there is no such key file; keys are made by: borderwire keygen NAME --out DIR"
        )
    }

    @Test("halves that don't match, short keys and unknown lines are damage")
    func refusesDamage() throws {
        try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        try KeyFiles.generate(name: "other", directory: scratch.path)
        let whole = try String(contentsOfFile: secret, encoding: .utf8)
        let other = try KeyFiles.readSecret(scratch.path + "/other.key")
        let keys = try KeyFiles.readSecret(secret)
        for (half, foreign) in [
            (keys.curve.publicKey.hex, other.curve.publicKey.hex),
            (keys.curve.secretKey.hex, other.curve.secretKey.hex),
            (keys.signing.verifyingKey.bytes.hex, other.signing.verifyingKey.bytes.hex),
        ] {
            try rewrite(secret) { $0.replacingOccurrences(of: half, with: foreign) }
            #expect(
                complaint { _ = try KeyFiles.readSecret(secret) }
                    .contains("damaged: the public and the secret half don't match"))
            try rewrite(secret) { _ in whole }
        }
        try rewrite(secret) { $0.replacingOccurrences(of: keys.curve.secretKey.hex, with: "ab") }
        #expect(complaint { _ = try KeyFiles.readSecret(secret) }.contains("64 hexadecimal digits"))
        try rewrite(secret) { _ in whole + "extra = 1\n" }
        #expect(
            complaint { _ = try KeyFiles.readSecret(secret) }
                == "koh-kong.key:9: extra: unknown key; remove it")
        try rewrite(secret) { _ in "name = 'koh-kong'\n" }
        #expect(complaint { _ = try KeyFiles.readSecret(secret) } == "koh-kong.key: curve_public: missing")
        try rewrite(secret) { _ in String(repeating: "#", count: 5000) }
        #expect(complaint { _ = try KeyFiles.readSecret(secret) } == "koh-kong.key: larger than 4KiB")
    }

    @Test("a secret key handed over as a public one is refused")
    func refusesSecretAsPublic() throws {
        try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        #expect(
            complaint { _ = try KeyFiles.readPublic(secret) }
                == "koh-kong.key: this is a secret key file, which never leaves its place; use the .pub file beside it"
        )
    }

    @Test("a keyring takes any of a name's keys, and tells a wrong signature from an unknown signer")
    func checksSignatures() throws {
        let old = IdentityKeys(name: "koh-kong")
        let new = try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        var keyring = try PublicKeyring(directory: scratch.path)
        #expect(keyring.keys == ["koh-kong": [new]])
        let seal = Seal.sign([([1], [2])], with: old.signing)[0]
        var seals = SealChecker()
        #expect(keyring.check(seal: seal, over: [1], digest: [2], by: "koh-kong", &seals) == .invalid)
        keyring.add(old.publicKeys)
        keyring.add(old.publicKeys)
        #expect(keyring.keys["koh-kong"]?.count == 2)
        #expect(keyring.check(seal: seal, over: [1], digest: [2], by: "koh-kong", &seals) == .valid)
        #expect(keyring.check(seal: seal, over: [1], digest: [2], by: "prey-veng", &seals) == .unknown)
    }

    @Test("a keyring with a damaged file names it; one without its directory does, too")
    func refusesKeyring() throws {
        try scratch.write("name = 3", to: "bad.pub")
        #expect(
            complaint { _ = try PublicKeyring(directory: scratch.path) }
                == "bad.pub:1: name: must be a string, not a whole number")
        #expect(
            complaint { _ = try PublicKeyring(directory: scratch.path + "/none") }
                == "none: No such file or directory")
    }

    @Test("a key under another's file name is refused: it would be a second key of its owner that nobody saw")
    func refusesMisnamed() throws {
        let directory = scratch.path
        try KeyFiles.generate(name: "koh-kong", directory: directory)
        let text = try String(contentsOfFile: shared, encoding: .utf8)
        for name in ["pursat.pub", "koh-kong2.pub", ".pub", "koh-kong", "\u{1B}[2J.pub"] {
            _ = try scratch.write(text, to: name)
            #expect(
                complaint { _ = try KeyFiles.readPublic("\(directory)/\(name)") }
                    .hasSuffix(
                        ": it holds the key of koh-kong, and its name doesn't say so; if you know whose it is, call it "
                            + "koh-kong.pub, or koh-kong.ANYTHING.pub"))
            try Files.remove("\(directory)/\(name)")
        }
        _ = try scratch.write(text, to: "pursat.pub")
        #expect(complaint { _ = try PublicKeyring(directory: directory) }.hasPrefix("pursat.pub: it holds"))
    }

    @Test("several keys of one name are told, by their fingerprints")
    func tellsSharedNames() throws {
        let old = try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        try Files.remove(secret)
        let text = try String(contentsOfFile: shared, encoding: .utf8)
        try Files.remove(shared)
        _ = try scratch.write(text, to: "koh-kong.2025.pub")
        #expect(try PublicKeyring(directory: scratch.path).shared == [])
        let new = try KeyFiles.generate(name: "koh-kong", directory: scratch.path)
        let prints = [old.fingerprint, new.fingerprint].sorted().joined(separator: ", ")
        #expect(
            try PublicKeyring(directory: scratch.path).shared == [
                "koh-kong has 2 public keys here (\(prints)): a signature by any of them counts as its own"
            ])
    }

    @Test("a fingerprint is short, stable and different for each")
    func fingerprints() {
        let keys = IdentityKeys(name: "a").publicKeys
        #expect(keys.fingerprint.count == 19)
        #expect(keys.fingerprint == keys.fingerprint)
        #expect(keys.fingerprint != IdentityKeys(name: "a").publicKeys.fingerprint)
    }
}
