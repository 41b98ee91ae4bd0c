import AlertStore
import MemoryStore
import Platform
import Testing

@testable import AlertHub

@Suite("The writer")
struct LogWriterTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))

    @Test("a batch that was begun is stored when its outcome is there, and each outcome is given once")
    func begun() throws {
        let running = try RunningPen()
        defer { withExtendedLifetime(running) {} }
        let writer = running.writer
        var hub = try Hub([post])
        #expect(writer.outcome() == nil)
        for sequence in UInt64(1)...3 {
            hub.ingest(post.alert(sequence), from: post)
            let closed = hub.core.closeBatch()
            let batch = try #require(closed)
            writer.begin(batch)
            writer.done.wait(atMost: .seconds(30))
            let outcome = try #require(writer.outcome())
            #expect(outcome.error == nil)
            #expect(writer.outcome() == nil)
            hub.core.committed(at: hub.now)
        }
        #expect(hub.core.end.offset == 3)
    }

    @Test("a commit that fails gives its error, from either thread, and the next one goes through")
    func failing() throws {
        let running = try RunningPen()
        defer { withExtendedLifetime(running) {} }
        let writer = running.writer
        var hub = try Hub([post])
        hub.ingest(post.alert(1), from: post)
        let closed = hub.core.closeBatch()
        let batch = try #require(closed)
        #expect(writer.commit(batch).error == nil)
        writer.begin(batch)
        writer.done.wait(atMost: .seconds(30))
        #expect(writer.outcome()?.error?.cause == .outOfOrder, "it does not continue the log a second time")
        #expect(writer.commit(batch).error?.cause == .outOfOrder)
        hub.core.committed(at: hub.now)
        hub.ingest(post.alert(2), from: post)
        let next = hub.core.closeBatch()
        writer.begin(try #require(next))
        writer.done.wait(atMost: .seconds(30))
        #expect(try #require(writer.outcome()).error == nil)
    }

    @Test("a writer that is told to stop still commits what was begun")
    func stopping() throws {
        let log = MemoryLog(log: 42)
        let writer = try LogWriter(MemoryStore(log))
        var hub = try Hub([post])
        hub.ingest(post.alert(1), from: post)
        let closed = hub.core.closeBatch()
        writer.begin(try #require(closed))
        writer.stop()
        writer.run()
        #expect(try #require(writer.outcome()).error == nil)
        #expect(try MemoryReader(log).head() == 1)
        writer.close()
    }
}

/// A writer over a log in memory, with its thread; both end with the object.
private final class RunningPen {
    let writer: LogWriter
    private let thread: NamedThread

    convenience init() throws {
        try self.init(LogWriter(MemoryStore(MemoryLog(log: 42))))
    }

    init(_ writer: LogWriter) throws {
        self.writer = writer
        thread = try NamedThread("writer") { writer.run() }
    }

    deinit {
        writer.stop()
        thread.join()
        writer.close()
    }
}
