import AlertPost
import Foundation
import Testing

/// Lines of drafts, as files bring them.
@Suite("Reading drafts")
struct DraftReaderTests {
    private func lines(_ text: String) throws -> [DraftReader.Line] {
        let fixture = try OutboxFixture()
        let path = fixture.directory + "/drafts.jsonl"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var reader = try DraftReader(path)
        var lines: [DraftReader.Line] = []
        while true {
            let some = try reader.next(2)
            if some.isEmpty { break }
            lines += some
        }
        #expect(reader.size == UInt64(text.utf8.count) && reader.taken == reader.size)
        return lines
    }

    @Test("a byte order mark at the very beginning is no part of the first line, and anywhere else it is")
    func mark() throws {
        #expect(try lines("\u{FEFF}a\nb").map(\.bytes) == [[0x61], [0x62]])
        #expect(try lines("\u{FEFF}").isEmpty)
        #expect(try lines("a\n\u{FEFF}b").map(\.bytes) == [[0x61], [0xEF, 0xBB, 0xBF, 0x62]])
        #expect(try lines("").isEmpty)
    }

    @Test("empty lines are counted and passed over")
    func empty() throws {
        #expect(try lines("\n \t\r\na\n\nb\n").map(\.number) == [3, 5])
    }

    @Test(
        "a line that is too long is given, whatever it begins with, so that it is refused and not lost",
        arguments: [70_000, 100_000, 200_000, 1_000_000])
    func long(spaces: Int) throws {
        let text = String(repeating: " ", count: spaces) + "{}\nnext\n"
        let lines = try lines(text)
        #expect(lines.map(\.number) == [1, 2])
        #expect(lines.first?.bytes.count == DraftReader.longestLine)
        #expect(lines.last?.bytes == Array("next".utf8))
    }
}
