import Foundation
import Platform
import Settings
import Testing

@testable import AlertHub

@Suite("File watch")
struct FileWatchTests {
    /// Of two contents of one path.
    private func facts() throws -> (FileFacts, FileFacts) {
        let path = FileManager.default.temporaryDirectory.path + "/watch-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Files.writeAtomically([1], to: path)
        let first = try #require(try Files.facts(of: path))
        try Files.writeAtomically([1, 2], to: path)
        return (first, try #require(try Files.facts(of: path)))
    }

    @Test("a file is read until that succeeds, and then only once it changes")
    func retries() throws {
        let (old, new) = try facts()
        var watch = FileWatch()
        #expect(watch.isDue(old))
        watch.note(.taken, of: old)
        #expect(!watch.isDue(old) && watch.isDue(new) && watch.isDue(nil))
        for _ in 0..<3 {
            watch.note(.failed, of: new)
            #expect(watch.isDue(new))
        }
        watch.note(.taken, of: new)
        #expect(!watch.isDue(new))
    }

    @Test("what is wrong in a file is not read again before it changes; a file that is gone is settled too")
    func refusals() throws {
        let (old, new) = try facts()
        var watch = FileWatch()
        watch.note(.refused, of: old)
        #expect(!watch.isDue(old) && watch.isDue(new))
        watch.note(.refused, of: nil)
        #expect(!watch.isDue(nil) && watch.isDue(old))
    }

    @Test("another content that is wrong in the same words is told at once")
    func another() throws {
        let (old, new) = try facts()
        var watch = FileWatch()
        var told: [Bool] = []
        for content in [old, new, new] {
            watch.note(.refused, of: content)
            told.append(watch.tells("no", at: .seconds(1)))
        }
        #expect(told == [true, true, false])
    }

    @Test("a failure is told once, and again each minute, or when it is another")
    func telling() {
        var watch = FileWatch()
        var told: [Bool] = []
        for (words, second) in [("no", 0), ("no", 59), ("no", 60), ("another", 61), ("another", 62)] {
            told.append(watch.tells(words, at: .seconds(second)))
        }
        watch.note(.taken, of: nil)
        told.append(watch.tells("another", at: .seconds(63)))
        #expect(told == [true, false, true, true, false, true])
    }
}
