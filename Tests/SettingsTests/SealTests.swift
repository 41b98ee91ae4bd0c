import Identity
import Testing

@Suite struct SealTests {
    private let key = SigningKey()

    private func messages(_ count: Int) -> [(header: [UInt8], digest: [UInt8])] {
        (0..<count).map { ([UInt8]("header \($0)".utf8), Seal.digest(of: [UInt8]("payload \($0)".utf8))) }
    }

    private func isGood(
        _ seal: [UInt8], _ message: (header: [UInt8], digest: [UInt8]), _ checker: inout SealChecker,
        by key: VerifyingKey? = nil
    ) -> Bool {
        checker.check(seal, over: message.header, digest: message.digest, by: key ?? self.key.verifyingKey)
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

    @Test("an alert that was signed alone has the shortest seal, a signature over its leaf")
    func single() {
        let seal = Seal.sign([([1, 2], [3])], with: key)[0]
        #expect(seal.count == Seal.shortest)
        let leaf = blake2b([0, 1, 2, 3])
        #expect(
            key.verifyingKey.verify(
                signature: Array(seal.dropFirst(2)), over: Array("borderwire run v2\n".utf8), [1], leaf))
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
