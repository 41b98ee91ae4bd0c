import Seeded
import Testing
import Wire

@Suite("Ranges of sequences")
struct SequenceRangesTests {
    @Test("whatever is added in whatever order, it holds just that, and tells what was new")
    func random() throws {
        var generator = SeededRandom(seed: 1)
        for _ in 0..<200 {
            var ranges = SequenceRanges()
            var model: Set<UInt64> = []
            for _ in 0..<30 {
                let first = UInt64.random(in: 1...60, using: &generator)
                let range = first...first + UInt64.random(in: 0...8, using: &generator)
                let new = ranges.add(range).flatMap { Array($0) }
                #expect(Set(new) == Set(range).subtracting(model) && new == new.sorted())
                model.formUnion(range)
            }
            #expect(Set(ranges.ranges.flatMap { Array($0) }) == model)
            for (left, right) in zip(ranges.ranges, ranges.ranges.dropFirst()) {
                #expect(left.upperBound + 1 < right.lowerBound)
            }
            for number in UInt64(1)...70 { #expect(ranges.contains(number) == model.contains(number)) }
            #expect(try SequenceRanges(decoding: ranges.encoded) == ranges)
        }
    }

    @Test(
        "bytes that are no ranges are refused, and trap nothing",
        arguments: [
            [0x00, 0x00], [0x80], [0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x01],
        ] as [[UInt8]])
    func damaged(bytes: [UInt8]) {
        #expect(throws: Malformed.self) { try SequenceRanges(decoding: bytes) }
    }
}
