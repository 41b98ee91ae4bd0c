import AlertHub
import AlertPost
import AlertStore
import MemoryStore
import Platform
import Settings
import Testing

@Suite("A hub whose log another hub takes over")
struct LeaseTests {
    @Test(
        "it ends with the reason, stores and answers nothing more; who writes next goes on where the log ends"
    )
    func lost() throws {
        let log = MemoryLog()
        let pair = try Pair(log: log)
        try pair.start()
        try pair.publish(3)
        #expect(try pair.stored(3) == 3)
        let settings = try pair.postSettings()
        log.beginTerm()
        try pair.publish(2)
        #expect(pair.hub.ended.wait(atMost: Pair.deadline))
        let failure = #expect(throws: StoreError.self) { try pair.hub.stop() }
        #expect(failure?.exitStatus == .tempFail)
        #expect(failure?.description.contains("another hub writes") == true, "\(String(describing: failure))")
        #expect(try MemoryReader(log).head() == 3)
        #expect(try PostStatusQuery.ask(settings).depth == 2)
        try pair.stop()
        try pair.start()
        #expect(try pair.stored(5) == 5)
        #expect(try MemoryReader(log).head() == 5)
        try pair.stop()
    }
}
