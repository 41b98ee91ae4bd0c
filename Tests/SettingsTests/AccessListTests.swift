import Testing

@testable import Platform

@Suite("Access control lists")
struct AccessListTests {
    @Test("bytes that are no list, or a list cut off anywhere, name no reader")
    func survivesAnything() {
        let whole: [UInt8] = [2, 0, 0, 0, 2, 0, 4, 0, 7, 0, 0, 0]
        #expect(AccessList(whole).soleReader == 7)
        for count in 0..<whole.count { #expect(AccessList(Array(whole[..<count])).soleReader == nil) }
        #expect(AccessList([3] + whole.dropFirst()).soleReader == nil)
    }
}
