import Alerts
import AlertStore
import Dispatch
import Foundation
import Platform
import PostgreSQL
import PostgresLog
import PostgresServer
import Testing

/// What only a log in PostgreSQL has to keep. Without a server these are skipped, which is said once.
@Suite("A log in PostgreSQL", .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"))
struct PostgresLogTests {
    let database: TestDatabase

    init() throws {
        database = try #require(PostgresServer.shared).database()
    }

    private func backend(_ hub: String = "hub") -> PostgresBackend {
        PostgresBackend(database.place(hub: hub))
    }

    private func number(_ sql: String) throws -> Int64 {
        try database.connect().query(sql).first?.integer(0) ?? 0
    }

    // MARK: Lease

    @Test("who has lost the lease writes nothing of a batch, and the next goes on from what it wrote")
    func fenced() throws {
        var script = Script()
        let (first, second) = (backend("hub-a"), backend("hub-b"))
        let lease = try first.lease(of: "hub-a")
        let other = try second.lease(of: "hub-b")
        #expect(try lease.take(after: try lease.observe().term))
        let former = try first.writer(of: 1)
        try former.commit(script.batch([script.record()]))
        let view = try other.observe()
        #expect((view.term, view.holder, view.head, view.isFree) == (1, "hub-a", 1, false))
        #expect(try other.take(after: view.term))
        let batch = script.batch([script.record()], known: [1])
        var whole = batch
        whole.refusals = [refusal(9)]
        whole.receipts = [Receipt(identity: "watch", topic: 1, ranges: [1])]
        for _ in 0..<2 { #expect(cause { try former.commit(whole) } == .leaseLost) }
        #expect(cause { _ = try first.writer(of: 1) } == .leaseLost)
        let reader = try second.reader()
        #expect(try reader.head() == 1)
        #expect(try reader.counts().refused == 0 && reader.receipts().isEmpty)
        let next = try second.writer(of: 2)
        try next.commit(batch)
        #expect(try next.load().offset == 2)
        #expect(try lease.observe().holder == "hub-b")
        #expect(try !lease.take(after: 1), "the term is over")
    }

    @Test("a holder whose session ends, or who resigns, is seen at once")
    func ends() throws {
        let watcher = try backend("hub-b").lease(of: "hub-b")
        let holder = try backend("hub-a").lease(of: "hub-a")
        #expect(try holder.take(after: 0))
        #expect(try !watcher.observe().isFree)
        try holder.resign()
        let resigned = try watcher.observe()
        #expect(resigned.holder.isEmpty && resigned.term == 1)
        #expect(try holder.take(after: 1))
        #expect(try !watcher.observe().isFree)
        holder.close()
        let end = steadyClock() + .seconds(30)
        while try !watcher.observe().isFree, steadyClock() < end {}
        #expect(try watcher.observe().isFree)
        #expect(try watcher.observe().holder == "hub-a")
    }

    @Test("the holder counts up, and another hub of its name is refused while it does")
    func names() throws {
        let holder = try backend("hub-a").lease(of: "hub-a")
        #expect(try holder.take(after: 0))
        let first = try holder.observe().holderSeen
        #expect(try holder.observe().holderSeen > first)
        var place = database.place(hub: "hub-a")
        place.silence = .milliseconds(100)
        let second = try PostgresBackend(place).lease(of: "hub-a")
        #expect(
            cause { _ = try holder.observe() } == .locked, "the first stood still, and was taken for dead")
        _ = try second.observe()
        // Now one that lives.
        let living = DispatchQueue(label: "living")
        let (began, stop) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let name = database
        living.async {
            guard let lease = try? PostgresBackend(name.place(hub: "hub-c")).lease(of: "hub-c") else {
                return
            }
            began.signal()
            for _ in 0..<200 {
                _ = try? lease.observe()
                if stop.wait(timeout: .now() + .milliseconds(10)) == .success { return }
            }
        }
        began.wait()
        place.silence = .seconds(2)
        #expect(cause { _ = try PostgresBackend(place).lease(of: "hub-c") } == .locked)
        stop.signal()
        living.sync {}
    }

    @Test("a holder that is stopped in the middle of a commit holds nobody up, and wakes fenced")
    func stopped() throws {
        var script = Script()
        let holder = try backend("hub-a").lease(of: "hub-a")
        #expect(try holder.take(after: 0))
        let former = try backend("hub-a").writer(of: 1)
        try former.commit(script.batch([script.record()]))
        // As a transaction of several statements would: the row of the log stays locked. The statement of a commit has no middle.
        let batch = script.batch((0..<500).map { _ in script.record() }, known: [1])
        let committing = DispatchQueue(label: "committing")
        let outcome = CommitOutcome()
        let backend = try number(
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'WITH lease%' AND datname = current_database()"
        )
        kill(pid_t(backend), SIGSTOP)
        defer { kill(pid_t(backend), SIGCONT) }
        commit(batch, by: former, on: committing, outcome)
        let next = try self.backend("hub-b").lease(of: "hub-b")
        let began = steadyClock()
        #expect(try next.take(after: 1))
        #expect(steadyClock() - began < .seconds(10))
        let writer = try self.backend("hub-b").writer(of: 2)
        kill(pid_t(backend), SIGCONT)
        committing.sync {}
        #expect(outcome.cause == .leaseLost)
        try writer.commit(batch)
        #expect(try writer.load().offset == 501)
        #expect(try number("SELECT count(*) FROM borderwire.alerts") == 501)
    }

    // MARK: Followers

    @Test("a follower sees each alert once, in order, with its topics and positions, and is woken by it")
    func follows() throws {
        let (first, second) = (backend("hub-a"), backend("hub-b"))
        let writer = try first.writer()
        let follower = try second.follower()
        #expect(try follower.state().offset == 0)
        var script = Script()
        var known: Set<UInt32> = []
        var sent: [Record] = []
        var seen: [Record] = []
        var topics: [UInt32] = []
        for round in 0..<20 {
            let records = (0..<(round % 4 + 1)).map { _ in script.record(on: [UInt32(round % 5 + 1)]) }
            try writer.commit(script.batch(records, known: known))
            known.insert(UInt32(round % 5 + 1))
            sent += records
            try follower.wait(.seconds(60))
            while true {
                let page = try follower.records(after: seen.last?.offset ?? 0, limit: 3)
                seen += page.records
                topics += page.newTopics.map(\.number)
                if let last = page.records.last {
                    #expect(page.positions.contains { $0.post == last.post && $0.through >= last.sequence })
                }
                if page.records.count < 3 { break }
            }
            #expect(seen == sent)
        }
        #expect(topics == [1, 2, 3, 4, 5])
        #expect(try follower.state() == writer.load())
        let began = steadyClock()
        try follower.wait(.milliseconds(50))
        #expect(steadyClock() - began >= .milliseconds(50), "nothing was committed")
    }

    @Test("a database that lacks what was seen is told from one that has it")
    func behind() throws {
        let backend = self.backend()
        let writer = try backend.writer()
        var script = Script()
        try writer.commit(script.batch([script.record(), script.record()]))
        let reader = try backend.reader()
        #expect(try reader.head() == 2)
        try writer.close()
        let follower = try backend.follower()
        #expect(try follower.records(after: 0, limit: 9).records.count == 2)
        let lease = try backend.lease(of: "hub")
        #expect(try lease.observe().head == 2)
        try database.connect().execute(
            #"DELETE FROM borderwire.alerts WHERE "offset" = 2; UPDATE borderwire.log SET head = 1"#)
        #expect(cause { _ = try lease.observe() } == .behind)
        #expect(cause { _ = try backend.reader() } == .behind)
    }

    // MARK: Least privilege

    @Test("the hub's user can neither change nor delete what was stored, nor the eraser what was said")
    func leastPrivilege() throws {
        let writer = try backend().writer()
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        func state(_ user: String, _ sql: String) throws -> String {
            let server = Server(parameters: [
                "host": database.server.directory, "dbname": database.name, "user": user,
            ])
            let connection = try Connection(server, deadline: .seconds(60))
            do throws(PostgresError) {
                try connection.execute("SET search_path = borderwire; " + sql)
                return "done"
            } catch { return error.state }
        }
        for sql in [
            "UPDATE alerts SET hash = ''", "DELETE FROM alerts", "TRUNCATE alerts", "DELETE FROM deliveries",
            "UPDATE deliveries SET sequence = 9", "DELETE FROM contents", "UPDATE contents SET payload = ''",
            "DELETE FROM audit", "UPDATE audit SET identity = 'x'",
            "INSERT INTO registry VALUES (1, 1, '', '')",
            "UPDATE registry SET text = ''", "DELETE FROM erasures", "DROP TABLE alerts",
            "ALTER TABLE alerts DISABLE TRIGGER ALL", "DELETE FROM log",
            "INSERT INTO erasures VALUES (1, '')",
        ] {
            #expect(try state("borderwire_hub", sql) == "42501", "\(sql)")
        }
        for sql in [
            "UPDATE alerts SET hash = ''", "DELETE FROM alerts", "UPDATE log SET head = 0",
            "INSERT INTO alerts SELECT * FROM alerts", "INSERT INTO registry VALUES (1, 1, '', '')",
            "DELETE FROM erasures",
        ] {
            #expect(try state("borderwire_eraser", sql) == "42501", "\(sql)")
        }
        #expect(try state("borderwire_operator", "INSERT INTO registry VALUES (1, 1, '', '')") == "done")
        #expect(try state("borderwire_operator", "DELETE FROM registry") == "42501")
        #expect(try state("borderwire_operator", "SELECT header FROM alerts") == "42501")
    }

    // MARK: Numbers

    @Test("numbers of peers are kept to the last bit")
    func numbers() throws {
        let writer = try backend().writer()
        var script = Script()
        script.epoch = .max
        try writer.commit(script.batch([script.record()]))
        let reader = try backend("reader").reader()
        #expect(try reader.record(at: 1)?.epoch == .max)
        #expect(try writer.load().positions == [Position(post: "koh-kong", epoch: .max, through: 1)])
        #expect(try reader.outcomes(post: "koh-kong", epoch: .max, sequences: 1...9).count == 1)
        #expect(try reader.outcomes(post: "koh-kong", epoch: 1 << 63, sequences: 1...9).isEmpty)
    }

    @Test("tables of another version are refused, and so is a database without any")
    func versions() throws {
        try database.connect().execute("INSERT INTO borderwire.schema_steps VALUES (99, 'of later')")
        #expect(cause { _ = try backend().reader() } == .newerVersion(found: 99, known: 2))
        try database.connect().execute("DELETE FROM borderwire.schema_steps")
        #expect(cause { _ = try backend().reader() } == .missing)
        try database.connect().execute(
            "DROP SCHEMA borderwire CASCADE; DROP SCHEMA borderwire_contents CASCADE")
        #expect(try !backend().isMade())
        let report = try PostgresMigration.run(database.place(), as: "postgres")
        #expect((report.from, report.to, report.roles) == (0, 2, []))
        #expect(try backend().isMade())
        #expect(try PostgresMigration.run(database.place(), as: "postgres").from == 2)
    }

}

/// On another thread, which alone uses the writer until it is done.
func commit(_ batch: Batch, by writer: any AlertWriter, on queue: DispatchQueue, _ outcome: CommitOutcome) {
    let lent = LentWriter(writer)
    queue.async { outcome.set(cause { try lent.writer.commit(batch) }) }
}

private final class LentWriter: @unchecked Sendable {
    let writer: any AlertWriter
    init(_ writer: any AlertWriter) { self.writer = writer }
}

final class CommitOutcome: @unchecked Sendable {
    private let lock = NSLock()
    private var value: StoreError.Cause?
    var cause: StoreError.Cause? { lock.withLock { value } }
    func set(_ cause: StoreError.Cause?) { lock.withLock { value = cause } }
}
