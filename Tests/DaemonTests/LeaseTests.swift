import AlertHub
import AlertPost
import AlertStore
import MemoryStore
import Platform
import Settings
import Testing
import Wire

@Suite("A hub whose log another hub takes over")
struct LeaseTests {
    @Test(
        "it stores and answers nothing more, goes on as one that follows, and writes again once nobody else does"
    )
    func lost() throws {
        let log = MemoryLog()
        let pair = try Pair(log: log)
        try pair.start()
        try pair.publish(3)
        #expect(try pair.stored(3) == 3)
        let settings = try pair.postSettings()
        // One that is alive: it counts.
        let other = try log.lease(of: "another")
        log.beginTerm(of: "another")
        try pair.publish(2)
        try Cluster.wait("a hub that follows") {
            _ = try other.observe()
            return try pair.status().cluster?.writes == false
        }
        #expect(try pair.status().cluster?.holder == "another")
        #expect(try MemoryReader(log).head() == 3)
        #expect(try PostStatusQuery.ask(settings).depth == 2)
        other.close()
        #expect(try pair.stored(5) == 5)
        #expect(try MemoryReader(log).head() == 5)
        try pair.stop()
        try pair.start()
        try pair.publish(1)
        #expect(try pair.stored(6) == 6)
        try pair.stop()
    }
}

extension Pair {
    func status() throws -> HubStatus { try StatusQuery.ask(settings, wait: Pair.deadline) }
}
