import Identity
import Notation
import Testing

@Suite("Keys")
struct KeyTests {
    /// RFC 8032 section 7.1, test 2.
    private let seed = [UInt8](hex: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb") ?? []

    @Test("signatures are Ed25519 as RFC 8032 has it")
    func signsAsSpecified() throws {
        let key = try #require(SigningKey(seed: seed))
        #expect(
            key.verifyingKey.bytes.hex == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        #expect(
            key.sign([0x72]).hex
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
    }

    @Test("a signature holds for its very bytes and its key only, however they are cut into pieces")
    func verifies() throws {
        let key = SigningKey()
        let signature = key.sign([1, 2], [], [3])
        #expect(key.verifyingKey.verify(signature: signature, over: [1], [2, 3]))
        #expect(!key.verifyingKey.verify(signature: signature, over: [1, 2, 4]))
        #expect(!key.verifyingKey.verify(signature: Array(signature.dropLast()), over: [1, 2, 3]))
        #expect(!key.verifyingKey.verify(signature: [], over: [1, 2, 3]))
        #expect(!SigningKey().verifyingKey.verify(signature: signature, over: [1, 2, 3]))
        let none = try #require(VerifyingKey(bytes: [UInt8](repeating: 0, count: 32)))
        #expect(!none.verify(signature: signature, over: [1, 2, 3]))
        #expect(key.verifyingKey.verify(signature: key.sign(), over: []))
    }

    @Test("keys of a wrong length are refused")
    func refusesLengths() {
        #expect(SigningKey(seed: [1]) == nil)
        #expect(VerifyingKey(bytes: []) == nil)
        #expect(CurveKeyPair(secretKey: seed + [0]) == nil)
    }

    /// RFC 7748 section 6.1, Alice.
    @Test("the public half of a CURVE key follows from its secret half")
    func derivesCurve() throws {
        let secret = try #require(
            [UInt8](hex: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
        #expect(
            CurveKeyPair(secretKey: secret)?.publicKey.hex
                == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        let pair = CurveKeyPair()
        #expect(CurveKeyPair(secretKey: pair.secretKey)?.publicKey == pair.publicKey)
        #expect(CurveKeyPair().publicKey != pair.publicKey)
    }

    @Test("a hash is SHA-256 over the pieces as one")
    func hashes() {
        #expect(
            sha256([0x61], [], [0x62, 0x63]).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(sha256().hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("hexadecimal is read in either case, and nothing else is")
    func readsHex() {
        #expect([UInt8](hex: "00fFa1") == [0, 255, 0xA1])
        #expect([UInt8](hex: "")?.isEmpty == true)
        for text in ["0", "0g", " 00", "0x00", "០០"] { #expect([UInt8](hex: text) == nil) }
        #expect([0, 255, 0xA1].hex == "00ffa1")
    }

    @Test("random bytes differ, and a random number is never 0")
    func isRandom() {
        #expect(randomBytes(32) != randomBytes(32))
        #expect(randomBytes(0).isEmpty)
        #expect(randomNonZeroUInt64() != randomNonZeroUInt64())
    }
}
