import AlertStore
import MemoryStore
import Platform
import Synchronization
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
            hub.core.committed()
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
        hub.core.committed()
        hub.ingest(post.alert(2), from: post)
        let next = hub.core.closeBatch()
        writer.begin(try #require(next))
        writer.done.wait(atMost: .seconds(30))
        #expect(try #require(writer.outcome()).error == nil)
    }

    @Test("upkeep is done by the writer's thread once the store needs it, and never by a commit")
    func upkeep() throws {
        let store = NeedyStore()
        let upkeep = CountedUpkeep()
        let done = upkeep.done
        let writer = try LogWriter(store, upkeep: upkeep)
        var hub = try Hub([post])
        hub.ingest(post.alert(1), from: post)
        let first = hub.core.closeBatch()
        #expect(writer.commit(try #require(first)).error == nil)
        hub.core.committed()
        #expect(done.value == 0)
        hub.ingest(post.alert(2), from: post)
        let second = hub.core.closeBatch()
        writer.begin(try #require(second))
        // Only now, so that both wait when its thread looks.
        let running = try RunningPen(writer)
        defer { withExtendedLifetime(running) {} }
        writer.done.wait(atMost: .seconds(30))
        #expect(try #require(writer.outcome()).error == nil)
        #expect(done.value == 1, "before the batch that waited")
    }

    @Test(
        "upkeep that fails is an error of the next commit; a full disk is not, for commits say so themselves")
    func failingUpkeep() throws {
        for (cause, expected) in [(StoreError.Cause.damaged, StoreError.Cause.damaged), (.full, nil)] {
            let upkeep = CountedUpkeep()
            upkeep.cause = cause
            let writer = try LogWriter(NeedyStore(), upkeep: upkeep)
            var hub = try Hub([post])
            hub.ingest(post.alert(1), from: post)
            let first = hub.core.closeBatch()
            #expect(writer.commit(try #require(first)).error == nil)
            hub.core.committed()
            writer.stop()
            writer.run()
            hub.ingest(post.alert(2), from: post)
            let second = hub.core.closeBatch()
            #expect(writer.commit(try #require(second)).error?.cause == expected)
        }
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

/// A log in memory that says after its first commit that it needs upkeep.
private final class NeedyStore: AlertStore {
    private let store = MemoryStore(MemoryLog(log: 42))
    private var commits = 0

    func load() throws(StoreError) -> LogState { try store.load() }

    func commit(_ batch: Batch) throws(StoreError) {
        try store.commit(batch)
        commits += 1
    }

    func tidy() {}

    var needsUpkeep: Bool { commits == 1 }

    func close() throws(StoreError) {}
}

private final class CountedUpkeep: StoreUpkeep {
    final class Count: Sendable {
        private let count = Atomic(0)
        func add() { count.add(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    let done = Count()
    var cause: StoreError.Cause?

    func run() throws(StoreError) {
        done.add()
        if let cause { throw StoreError(operation: "copy", path: "memory", cause: cause, detail: "invented") }
    }
}
