import Foundation
import Testing
import Wire

@testable import AlertFeed

/// A tail that is killed while it prints: what its cursor makes of the file that it appends to.
@Suite("Cursor")
struct CursorTests {
    /// A directory with an output file that holds some bytes, open for appending as after `>>`.
    private final class State {
        let directory = FileManager.default.temporaryDirectory.path + "/cursor-\(UUID())"
        private(set) var descriptor: Int32 = -1
        var path: String { directory + "/printed" }
        var text: String? { try? String(contentsOfFile: path, encoding: .utf8) }

        init() throws {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            write("before\n")
        }

        deinit {
            close(descriptor)
            try? FileManager.default.removeItem(atPath: directory)
        }

        func write(_ text: String) { _ = Glibc.write(descriptor, text, text.utf8.count) }

        func cursor() throws -> Cursor {
            try Cursor("desk", directory: directory, output: AppendedFile(descriptor))
        }
    }

    /// - printed: what of the announced "seven\n" was printed when the kill came.
    private func place(after printed: String) throws -> (offset: UInt64?, text: String?) {
        let desk = try State()
        do {
            let cursor = try desk.cursor()
            try cursor.advance(to: 4, log: 9)
            try cursor.announce(6, before: 4, offset: 7, log: 9)
            desk.write(printed)
        }
        let place = try desk.cursor().place
        #expect(place?.log.value == 9)
        return (place?.offset, desk.text)
    }

    @Test("killed before anything was printed: all of it is printed again")
    func nothing() throws {
        let (offset, text) = try place(after: "")
        #expect(offset == 4)
        #expect(text == "before\n")
    }

    @Test("killed in the middle of an output: the torn part is cut off, and nothing before it")
    func torn() throws {
        let (offset, text) = try place(after: "sev")
        #expect(offset == 4)
        #expect(text == "before\n")
    }

    @Test("killed between an output and the cursor's move: it is not printed again")
    func whole() throws {
        let (offset, text) = try place(after: "seven\n")
        #expect(offset == 7)
        #expect(text == "before\nseven\n")
    }

    @Test("what others have appended after a whole output stays")
    func others() throws {
        let (offset, text) = try place(after: "seven\nmine\n")
        #expect(offset == 7)
        #expect(text == "before\nseven\nmine\n")
    }

    @Test("another file is never cut, and is no proof that anything was printed")
    func otherFile() throws {
        let desk = try State()
        let other = try State()
        do {
            let cursor = try desk.cursor()
            try cursor.announce(6, before: 4, offset: 7, log: 9)
        }
        other.write("a long text of its own\n")
        let place = try Cursor("desk", directory: desk.directory, output: AppendedFile(other.descriptor))
            .place
        #expect(place?.offset == 4)
        #expect(other.text == "before\na long text of its own\n")
    }

    @Test("a file that is written from its start is not taken for one that is appended to")
    func notAppended() throws {
        let desk = try State()
        let descriptor = open(desk.path, O_WRONLY)
        defer { close(descriptor) }
        #expect(AppendedFile(descriptor) == nil)
    }
}
