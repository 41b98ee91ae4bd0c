import AlertStore
import MemoryStore
import Testing

@Suite struct LeaseTests {
    @Test("a writer whose lease is lost writes nothing more; who has it now goes on from what it wrote")
    func lost() throws {
        let log = MemoryLog()
        var script = Script()
        let former = MemoryStore(log)
        try former.commit(script.batch([script.record()]))
        log.beginTerm()
        let next = MemoryStore(log)
        let batch = script.batch([script.record()], known: [1])
        for _ in 0..<2 { #expect(cause { try former.commit(batch) } == .leaseLost) }
        #expect(try MemoryReader(log).head() == 1)
        try next.commit(batch)
        #expect(try next.load().offset == 2)
        #expect(cause { try former.commit(batch) } == .leaseLost)
    }

    @Test("only a full disk and another's lock pass by themselves")
    func passing() {
        let causes: [StoreError.Cause] = [
            .full, .locked, .readOnly, .missing, .newerVersion(found: 2, known: 1), .endedFormat, .damaged,
            .leaseLost, .outOfOrder, .other,
        ]
        #expect(causes.filter(\.isPassing) == [.full, .locked])
    }
}
