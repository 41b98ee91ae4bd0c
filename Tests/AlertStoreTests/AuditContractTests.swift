import AlertStore
import Alerts
import Testing

@Suite("Every store's record of who reads keeps the contract")
struct AuditContractTests {
    private func event(_ identity: String, at moment: Int64) -> AuditEvent {
        var event = AuditEvent(identity: identity, action: .replay, subject: "kh.koh-kong.suspect.")
        event.at = Timestamp(milliseconds: moment)
        event.after = 3
        return event
    }

    private func read(_ log: Log, _ identity: String? = nil, since: Int64? = nil) throws -> [AuditEvent] {
        let reader = try log.backend.auditReader()
        var events: [AuditEvent] = []
        try reader.each(identity: identity, since: since.map { Timestamp(milliseconds: $0) }) {
            events.append($0)
        }
        return events
    }

    @Test("a record that no hub has made is missing", arguments: Backend.stores)
    func missing(backend: Backend) throws {
        let log = try Log(backend)
        #expect(try !log.backend.isAuditMade())
        #expect(cause { _ = try log.backend.auditReader() } == .missing)
        try log.backend.audit().close()
        #expect(try log.backend.isAuditMade())
        #expect(try read(log).isEmpty)
    }

    @Test("events come back in order, by identity and by time, page after page", arguments: Backend.stores)
    func reading(backend: Backend) throws {
        let log = try Log(backend)
        let audit = try log.backend.audit()
        for start in stride(from: 0, to: 2_500, by: 500) {
            try audit.append(
                (start..<start + 500).map { event($0 % 2 == 0 ? "night" : "day", at: Int64($0)) })
        }
        #expect(try read(log).map(\.number) == Array(1...2_500))
        #expect(try read(log, "day").count == 1_250)
        #expect(try read(log, "day", since: 2_000).map(\.at.milliseconds).first == 2_001)
        #expect(try read(log, "nobody") == [])
        let first = try #require(try read(log).first)
        #expect((first.after, first.through, first.alerts) == (3, nil, nil))
    }

    @Test(
        "of more than may be kept, whoever has most of one kind loses the oldest of it, and nobody else anything",
        arguments: Backend.stores)
    func surplus(backend: Backend) throws {
        let log = try Log(backend)
        let audit = try log.backend.audit()
        var find = event("night", at: 1)
        find.action = .find
        try audit.append([find])
        var locate = event("night", at: 2)
        locate.action = .locate
        for _ in 0..<20 { try audit.append(Array(repeating: locate, count: 1_000)) }
        try audit.append((0..<100).map { event("day", at: Int64($0)) })
        let before = try audit.bytes()
        let forgotten = try #require(try audit.forgetNoisiest())
        #expect(forgotten.identity == "night" && forgotten.action == "locate")
        #expect(forgotten.events == StoreLimits.forgottenAtOnce)
        for _ in 0..<3 { _ = try audit.forgetNoisiest() }
        #expect(try audit.bytes() < before / 2)
        let left = try read(log)
        #expect(left.first?.action == .find, "the one that matters")
        #expect(left.count { $0.identity == "day" } == 100)
        #expect(left.last { $0.action == .locate }?.number == 20_001, "and the newest of the many")
    }

    @Test(
        "a repeat is added to its row, with the widest extent; of a row that is gone it becomes a new one",
        arguments: Backend.stores)
    func repeats(backend: Backend) throws {
        let log = try Log(backend)
        let audit = try log.backend.audit()
        func page(_ after: UInt64, _ through: UInt64, at moment: Int64, in number: UInt64) -> AuditEvent {
            var page = event("day", at: moment)
            (page.number, page.after, page.through, page.alerts) = (number, after, through, 3)
            return page
        }
        #expect(try audit.append([page(10, 20, at: 1, in: 0)]) == [1])
        #expect(try audit.append([page(0, 10, at: 2, in: 1), page(20, 30, at: 3, in: 1)]) == [1, 1])
        #expect(try audit.append([page(5, 6, at: 4, in: 77)]) == [2])
        let first = try #require(try read(log).first)
        #expect(first.times == 3 && first.last?.milliseconds == 3 && first.at.milliseconds == 1)
        #expect((first.after, first.through, first.alerts) == (0, 30, 9))
        #expect(try read(log, since: 3).map(\.number) == [1, 2])
    }

    @Test("what is past its time is forgotten, bite by bite, and nothing newer", arguments: Backend.stores)
    func forgetting(backend: Backend) throws {
        let log = try Log(backend)
        let audit = try log.backend.audit()
        try audit.append((0..<6_000).map { event("day", at: Int64($0)) })
        #expect(try audit.forget(before: Timestamp(milliseconds: 5_500)) == StoreLimits.forgottenAtOnce)
        #expect(try audit.forget(before: Timestamp(milliseconds: 5_500)) == 500)
        #expect(try audit.forget(before: Timestamp(milliseconds: 5_500)) == 0)
        #expect(try read(log).first?.at.milliseconds == 5_500)
    }
}
