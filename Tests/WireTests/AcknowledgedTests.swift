import Alerts
import Foundation
import Testing

@testable import Wire

@Suite("An acknowledgement, which is written without an encoder")
struct AcknowledgedTests {
    static let numbers: [UInt64] = [0, 1, 9, 10, 99, 100, 4_711, WireLimits.number, .max - 1, .max]

    @Test("is what an encoder writes", arguments: numbers)
    func same(number: UInt64) throws {
        var sum = AlertSum()
        sum.add((0..<16).map { UInt8(truncatingIfNeeded: number >> $0) })
        let runs: [[UInt64]] = [[number, number, number], [1, 2, 3]]
        for request in [nil, number] {
            for sums in [nil, [], [sum, AlertSum()]] {
                for stored in [[], runs] {
                    let body = Reply.Acknowledged(
                        request: request, epoch: HexNumber(number), through: number, stored: stored,
                        sums: sums)
                    let encoder = JSONEncoder()
                    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                    let expected = [
                        [0x42, 0x57, 2, 0x10], Array("acknowledged".utf8), Array(try encoder.encode(body)),
                    ]
                    #expect(Reply.acknowledged(body).frames() == expected)
                }
            }
        }
    }

    @Test("has 16 hexadecimal digits in an epoch, whatever its value", arguments: numbers)
    func digits(number: UInt64) {
        let text = HexNumber(number).description
        #expect(text.count == 16)
        #expect(UInt64(text, radix: 16) == number)
        #expect(text == text.lowercased())
    }
}
