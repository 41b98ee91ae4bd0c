import Alerts
import Foundation
import SQLite
import Testing
import Wire

@testable import AlertPost

@Suite("An outbox's file")
struct OutboxFileTests {
    let fixture: OutboxFixture

    init() throws {
        fixture = try OutboxFixture()
    }

    private func change(_ sql: String) throws {
        let connection = try Connection(
            path: fixture.path, mode: .create(permissions: 0o600), busyTimeout: .seconds(1))
        try connection.execute(sql)
        try connection.close()
    }

    @Test("only the owner can read the files")
    func modes() throws {
        let outbox = try Outbox.open(path: fixture.path)
        try outbox.append(1, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path + suffix)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(suffix)")
        }
    }

    @Test("an outbox of a newer program is refused")
    func newer() throws {
        try Outbox.open(path: fixture.path).close()
        try change("PRAGMA user_version = 99")
        #expect(cause { _ = try Outbox.open(path: fixture.path) } == .newerVersion(found: 99, known: 5))
    }

    @Test("alerts that an earlier version has queued tell their origin too")
    func earlier() throws {
        try Outbox.open(path: fixture.path).close()
        let payloads = [#"{"provinces":["KH-9","KH-15"]}"#, "{}", #"{"provinces":"#]
        try change(
            """
            DROP TRIGGER alerts_forgotten; DROP TABLE referring; DROP INDEX alerts_closing;
            ALTER TABLE alerts DROP COLUMN closes; ALTER TABLE alerts DROP COLUMN erased;
            ALTER TABLE alerts DROP COLUMN origin; DROP TABLE related; PRAGMA user_version = 2
            """)
        for (index, payload) in payloads.enumerated() {
            try change(
                """
                INSERT INTO alerts (epoch, sequence, state, queued, id, signature, header, payload)
                SELECT epoch, \(index + 1), 0, 1, x'01', x'', x'', CAST('\(payload)' AS BLOB) FROM outbox
                """)
        }
        let outbox = try Outbox.open(path: fixture.path)
        #expect(try outbox.pending(after: 0, limit: 9).map(\.origin) == ["KH-9", "", ""])
    }

    @Test("a foreign database and garbage are refused and left alone")
    func foreign() throws {
        try change("CREATE TABLE things (name TEXT)")
        let before = try Data(contentsOf: URL(filePath: fixture.path))
        #expect(cause { _ = try Outbox.open(path: fixture.path) } == .damaged)
        #expect(try Data(contentsOf: URL(filePath: fixture.path)) == before)
        let garbage = Data(repeating: 0x42, count: 20_000)
        try garbage.write(to: URL(filePath: fixture.path))
        #expect(cause { _ = try Outbox.open(path: fixture.path) } == .damaged)
        #expect(try Data(contentsOf: URL(filePath: fixture.path)) == garbage)
    }

    @Test("a directory that is not there, or can't be written, is named as such")
    func place() throws {
        #expect(cause { _ = try Outbox.open(path: fixture.directory + "/none/outbox.db") } == .missing)
        // Modes do not bind root, but nobody makes files in /sys.
        let place = geteuid() == 0 ? "/sys" : fixture.directory
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: fixture.directory)
        #expect(cause { _ = try Outbox.open(path: place + "/outbox.db") } == .readOnly)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: fixture.directory)
    }

    @Test("a full disk queues nothing, and the next append takes the same sequence")
    func full() throws {
        let outbox = try Outbox.open(path: fixture.path)
        try outbox.append(1, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        let pages = try outbox.connection.number("PRAGMA page_count")
        try outbox.connection.execute("PRAGMA max_page_count = \(pages + 4)")
        let refused = cause {
            try outbox.append(200, at: OutboxFixture.start) { OutboxFixture.draft($0, $1, size: 600) }
        }
        #expect(refused == .full)
        #expect(try OutboxFixture.waiting(outbox) == [1])
        try outbox.connection.execute("PRAGMA max_page_count = 1000000")
        #expect(
            try outbox.append(1, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }.sequences == 2..<3)
    }

    @Test("each append is synced")
    func synced() throws {
        #expect(try Outbox.open(path: fixture.path).connection.number("PRAGMA synchronous") == 2)
    }

    @Test("threads that append and answer at once leave dense sequences and a true depth")
    func threads() throws {
        let path = fixture.path
        let writers = 6
        let rounds = 6
        DispatchQueue.concurrentPerform(iterations: writers) { writer in
            do {
                // Opened here: the first one makes the file while the others open it.
                let outbox = try Outbox.open(path: path)
                for round in 0..<rounds {
                    let stretch = try outbox.append(1 + round % 3, at: OutboxFixture.start) {
                        OutboxFixture.draft($0, $1)
                    }
                    guard writer == 0 else { continue }
                    try outbox.resolve(
                        [.stored(sequence: stretch.sequences.lowerBound, offset: 1)],
                        at: OutboxFixture.start)
                }
            } catch {
                Issue.record("writer \(writer): \(error)")
            }
        }
        let outbox = try Outbox.open(path: path)
        let summary = try outbox.summary()
        let total = UInt64(writers * (0..<rounds).map { 1 + $0 % 3 }.reduce(0, +))
        #expect(summary.last == total)
        let states = try outbox.states(of: Outbox.Stretch(epoch: summary.epoch, sequences: 1..<total + 1))
        #expect(states.map(\.sequence) == Array(1...total))
        #expect(summary.depth == states.filter { $0.state == .queued }.count)
        #expect(summary.depth == Int(total) - rounds)
        let entries = try outbox.pending(after: 0, limit: .max)
        #expect(
            entries.allSatisfy {
                $0.signed.header == OutboxFixture.draft(summary.epoch, $0.sequence).signed.header
            })
    }

    @Test("whoever opens a new outbox while others make it finds it theirs")
    func openedAtOnce() async throws {
        for round in 0..<20 {
            let path = fixture.path + "\(round)"
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        do {
                            try Outbox.open(path: path).close()
                        } catch {
                            Issue.record("\(error)")
                        }
                    }
                }
            }
        }
    }

    @Test("processes that append at once leave dense sequences")
    func processes() async throws {
        let path = fixture.path
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String] in
                        let outbox = try Outbox.open(path: path)
                        for _ in 0..<8 {
                            try outbox.append(2, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
                        }
                    }
                }
            }
        }
        let outbox = try Outbox.open(path: path)
        #expect(try OutboxFixture.waiting(outbox) == Array(1...64))
        #expect(try outbox.summary().depth == 64)
    }
}
