import Testing

@testable import AlertStore

@Suite("Packed columns")
struct PackingTests {
    @Test("deliveries come back as they were")
    func deliveries() {
        let deliveries = [
            Record.Delivery(topic: 0, sequence: 0), Record.Delivery(topic: 127, sequence: 128),
            Record.Delivery(topic: .max, sequence: .max),
        ]
        #expect(Packing.deliveries(Packing.pack(deliveries).span.bytes) == deliveries)
        #expect(Packing.contains(Packing.pack(deliveries).span.bytes, anyOf: [127]) == true)
        #expect(Packing.contains(Packing.pack(deliveries).span.bytes, anyOf: [128]) == false)
    }

    @Test("references of any length come back as they were")
    func references() {
        let references: [[UInt8]] = [[], [1], [UInt8](repeating: 7, count: 300)]
        #expect(Packing.references(Packing.pack(references).span.bytes) == references)
    }

    @Test(
        "damaged bytes are told, not trapped on",
        arguments: [
            [0x01], [0x80], [0x01, 0xFF], [UInt8](repeating: 0xFF, count: 12),
            // A topic above UInt32.max, and a sequence above UInt64.max.
            [0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0x01],
            [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
        ] as [[UInt8]])
    func damaged(bytes: [UInt8]) {
        #expect(Packing.deliveries(bytes.span.bytes) == nil)
        #expect(Packing.contains(bytes.span.bytes, anyOf: [9]) == nil)
    }

    @Test("a length that goes past the end is told")
    func overlong() {
        #expect(Packing.references(([0x05, 1, 2] as [UInt8]).span.bytes) == nil)
        #expect(Packing.references(([UInt8](repeating: 0xFF, count: 9) + [0x01]).span.bytes) == nil)
    }
}
