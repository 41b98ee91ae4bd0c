import Identity
import Testing

@Suite struct SealTests {
    private let key = SigningKey()

    private func messages(_ count: Int) -> [[[UInt8]]] {
        (0..<count).map { [[UInt8]("header \($0)".utf8), [UInt8]("payload \($0)".utf8)] }
    }

    private func isGood(
        _ seal: [UInt8], _ message: [[UInt8]], _ checker: inout SealChecker, by key: VerifyingKey? = nil
    ) -> Bool {
        checker.check(seal, over: message[0], message[1], by: key ?? self.key.verifyingKey)
    }

    @Test("each alert of a run proves by itself who sealed it", arguments: 1...40)
    func runs(count: Int) {
        let messages = messages(count)
        let seals = Seal.sign(messages, with: key)
        #expect(seals.count == count)
        for (message, seal) in zip(messages, seals) {
            // A checker of its own: nothing is remembered from the alert before.
            var checker = SealChecker()
            let good = isGood(seal, message, &checker)
            #expect(good)
            #expect(seal.count <= Seal.longest)
        }
    }

    @Test("an alert alone has a plain signature, which any Ed25519 program can check")
    func single() {
        let seal = Seal.sign([[[1, 2], [3]]], with: key)[0]
        #expect(key.verifyingKey.verify(signature: seal, over: [1, 2, 3]))
    }

    @Test("a seal fits no other alert, no other key and no changed byte, also once its run is known")
    func forgeries() {
        let messages = messages(11)
        let seals = Seal.sign(messages, with: key)
        var checker = SealChecker()
        for (message, seal) in zip(messages, seals) {
            let good = isGood(seal, message, &checker)
            #expect(good)
        }
        let stranger = SigningKey().verifyingKey
        for (index, seal) in seals.enumerated() {
            let own = messages[index]
            var accepted: [String] = []
            if isGood(seal, messages[(index + 1) % messages.count], &checker) {
                accepted.append("another alert")
            }
            if isGood(seal, own, &checker, by: stranger) { accepted.append("another key") }
            for place in seal.indices {
                var changed = seal
                changed[place] ^= 1
                if isGood(changed, own, &checker) { accepted.append("byte \(place) changed") }
                if isGood(Array(seal.prefix(place)), own, &checker) { accepted.append("cut at \(place)") }
            }
            if isGood(seal + [0], own, &checker) { accepted.append("a byte more") }
            #expect(accepted.isEmpty, "seal \(index)")
        }
    }
}
