import Alerts
import CAP
import Foundation
import Platform
import Testing

@Suite("A directory of documents")
struct DirectoryTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("documents-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    @Test("documents have their names once the cursor has moved, and none before")
    func inOrder() throws {
        try withDirectory { path in
            let directory = try DocumentDirectory(path)
            try directory.prepare([1], "kh-xb-a", cursor: "c", offset: 7)
            try directory.prepare([2], "kh-xb-b", cursor: "c", offset: 8)
            try directory.sync()
            #expect(try names(path).allSatisfy { $0.hasPrefix(".") })
            try directory.name()
            #expect(try names(path) == ["kh-xb-a.xml", "kh-xb-b.xml"])
        }
    }

    @Test(
        "a run that was killed after the cursor moved is finished, and what it had passed nobody gets twice")
    func killedAfter() throws {
        try withDirectory { path in
            let killed = try DocumentDirectory(path)
            for (offset, name) in [(UInt64(7), "a"), (8, "b"), (9, "c")] {
                try killed.prepare([1], name, cursor: "c", offset: offset)
            }
            // One had got its name, and was taken away.
            try FileManager.default.removeItem(atPath: path + "/.a.c.7.part")
            let next = try DocumentDirectory(path)
            #expect(try next.settle(cursor: "c", through: 8) == 1)
            #expect(try names(path) == ["b.xml"])
        }
    }

    @Test(
        "what a run has left that the cursor has not passed is removed, half written or not, and of another cursor nothing"
    )
    func killedBefore() throws {
        try withDirectory { path in
            let killed = try DocumentDirectory(path)
            try killed.prepare([1], "a", cursor: "c", offset: 7)
            try killed.prepare([1], "b", cursor: "other", offset: 7)
            let next = try DocumentDirectory(path)
            #expect(try next.settle(cursor: "c", through: nil) == 0)
            #expect(try names(path) == [".b.other.7.part"])
            // The same one again.
            try next.prepare([2], "a", cursor: "c", offset: 7)
            try next.name()
            #expect(try Files.read(next.place(of: "a"), limit: 10) == [2])
        }
    }

    @Test("what was sent is known to the next run, of its destination alone, whatever a crash has cut off")
    func sent() throws {
        try withDirectory { path in
            _ = try DocumentDirectory(path)
            let file = path + "/desk.exported"
            let id = AlertID(time: now, random: [1])
            let other = AlertID(time: now, random: [2])
            func open(_ destination: String) throws -> SentDocuments {
                try SentDocuments(file, destination: destination, now: now)
            }
            func reference(_ id: AlertID) -> CAPDocument.Reference {
                CAPDocument.Reference(
                    sender: "koh-kong@xb.example.kh", identifier: CAPProfile.identifier(of: id), sent: now)
            }
            let first = try open("ministry")
            first.add(id, reference(id))
            try first.sync()
            try Files.append(Array("\(other) koh-k".utf8), to: file, mode: 0o600)
            let second = try open("ministry")
            #expect(second[id] == reference(id) && second[other] == nil)
            second.add(other, reference(other))
            try second.sync()
            let third = try open("ministry")
            #expect(third[id] != nil && third[other] != nil)
            #expect(try open("police")[id] == nil)
            let old = try SentDocuments(file, destination: "ministry", now: now.after(.seconds(401 * 86_400)))
            #expect(old[id] == nil)
            #expect(try Files.read(file, limit: 10).isEmpty)
        }
    }
}
