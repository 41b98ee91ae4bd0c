import Alerts
import AlertStore
import Dispatch
import Foundation
import Platform
import PostgreSQL
import PostgresLog
import PostgresServer
import Testing

/// With servers of their own, which crash, stop and lose their standby.
@Suite(
    "When PostgreSQL fails", .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"),
    .serialized)
struct PostgresFailureTests {
    /// The server's session that commits.
    private func session(of database: TestDatabase) throws -> pid_t {
        let rows = try database.connect().query(
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'WITH lease%' AND datname = current_database()"
        )
        return pid_t(try #require(rows.first).integer(0))
    }

    @Test("a server that crashes in a commit leaves the outcome open, and everything acknowledged is there")
    func crash() throws {
        let server = try PostgresServer()
        let database = try server.database()
        var script = Script()
        var known: Set<UInt32> = []
        for round in 0..<5 {
            var place = database.place(hub: "hub")
            place.deadline = .seconds(20)
            place.patience = .seconds(60)
            let backend = PostgresBackend(place)
            let writer = try backend.writer()
            let begun = try writer.load()
            // What an unanswered commit left is there whole or not at all: the next goes on after it.
            script.offset = begun.offset
            script.received = begun.received.milliseconds
            script.sequences["koh-kong"] = begun.positions.first?.through ?? 0
            script.topics[1] = begun.topics.first?.sequence ?? 0
            #expect(begun.offset % 50 == 0 && begun.topics.first?.sequence ?? 0 == begun.offset)
            var acknowledged = begun.offset
            // A thread of its own: the queues' threads may all be taken by other tests.
            Thread.detachNewThread {
                usleep(UInt32(100 + 37 * round) * 1_000)
                server.crash()
            }
            var end: StoreError.Cause?
            while end == nil {
                let batch = script.batch((0..<50).map { _ in script.record() }, known: known)
                end = cause { try writer.commit(batch) }
                if end == nil { acknowledged += 50 }
                known = acknowledged > 0 ? [1] : []
            }
            #expect(end == .unknownOutcome || end == .unreachable)
            #expect(cause { try writer.commit(script.batch([script.record()], known: [1])) } == end)
            try server.start()
            let reader = try backend.reader()
            let head = try reader.head()
            #expect(head == acknowledged || head == acknowledged + 50)
            known = head > 0 ? [1] : []
            var looked: UInt64 = 0
            while looked < head {
                let page = try reader.page(after: looked, topics: [1], limit: 10_000, bytes: .max)
                let isDense = page.records.lazy.map(\.offset).elementsEqual(
                    looked + 1...max(page.through, looked + 1))
                try #require(isDense, "after offset \(looked)")
                looked = page.through
            }
        }
    }

    @Test("a server that does not answer in time leaves the outcome open, and holds its hub up no longer")
    func late() throws {
        let database = try #require(PostgresServer.shared).database()
        var place = database.place()
        place.deadline = .seconds(2)
        let backend = PostgresBackend(place)
        let writer = try backend.writer()
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        let session = try self.session(of: database)
        kill(session, SIGSTOP)
        let began = steadyClock()
        let outcome = cause { try writer.commit(script.batch([script.record()], known: [1])) }
        kill(session, SIGCONT)
        #expect(outcome == .unknownOutcome)
        #expect(steadyClock() - began < .seconds(10))
    }

    @Test("a commit that one disk alone has is unknown, though the server calls it done")
    func warning() throws {
        let server = try PostgresServer()
        let database = try server.database()
        let backend = PostgresBackend(database.place())
        let writer = try backend.writer()
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        let operatorOfServer = try server.connect("postgres")
        try operatorOfServer.execute("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (nobody)'")
        try operatorOfServer.execute("SELECT pg_reload_conf()")
        // Else nothing more could be done to the server, not even dropping the database.
        defer {
            try? operatorOfServer.execute("ALTER SYSTEM RESET synchronous_standby_names")
            try? operatorOfServer.execute("SELECT pg_reload_conf()")
            withExtendedLifetime((database, backend)) {}
        }
        let session = try self.session(of: database)
        let committing = DispatchQueue(label: "committing")
        let outcome = CommitOutcome()
        commit(script.batch([script.record()], known: [1]), by: writer, on: committing, outcome)
        let end = steadyClock() + .seconds(60)
        var isWaiting = false
        while !isWaiting, steadyClock() < end {
            var arguments = Arguments()
            arguments.add(Int32(session))
            isWaiting =
                try operatorOfServer.query(
                    "SELECT wait_event = 'SyncRep' FROM pg_stat_activity WHERE pid = $1", arguments
                ).first?.bool(0) ?? false
        }
        #expect(isWaiting)
        try operatorOfServer.execute("SELECT pg_cancel_backend(\(session))")
        committing.sync {}
        #expect(outcome.cause == .unknownOutcome)
        // It is there all the same, for whoever has a session; a new one waits for the standby.
        #expect(try database.connect().query("SELECT count(*) FROM borderwire.alerts").first?.integer(0) == 2)
        var impatient = database.place()
        impatient.deadline = .milliseconds(500)
        #expect(cause { _ = try PostgresBackend(impatient).reader() } == .unreachable)
    }

    @Test("a server that is not there is told as such, and a password is never quoted")
    func missingServer() throws {
        let place = PostgresPlace(servers: "host=/nowhere dbname=borderwire", hub: "hub")
        #expect(cause { _ = try PostgresBackend(place).writer() } == .unreachable)
        #expect(cause { _ = try PostgresBackend(place).isMade() } == .unreachable)
        let wrong = PostgresPlace(servers: "password=secret word", hub: "hub")
        let error = #expect(throws: StoreError.self) { _ = try PostgresBackend(wrong).reader() }
        #expect(error?.description.contains("secret") == false)
    }
}
