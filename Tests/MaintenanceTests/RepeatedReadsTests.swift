import Alerts
import Platform
import Settings
import Testing

@testable import AlertHub
@testable import AlertStore

@Suite("Reads that are recorded")
struct RepeatedReadsTests {
    private func event(_ action: AuditEvent.Action, _ subject: String, alerts: UInt64? = 1) -> AuditEvent {
        var event = AuditEvent(identity: "night", action: action, subject: subject)
        event.alerts = alerts
        return event
    }

    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test("the same read again within the period has its row, after it a new one")
    func period() {
        var reads = RepeatedReads()
        #expect(reads.row(of: event(.find, "a"), at: at(0)) == 0)
        reads.recorded(event(.find, "a"), in: 7, at: at(0))
        #expect(reads.row(of: event(.find, "a"), at: at(RepeatedReads.period - 1)) == 7)
        #expect(reads.row(of: event(.find, "b"), at: at(1)) == 0)
        #expect(reads.row(of: event(.replay, "a"), at: at(1)) == 0)
        #expect(reads.row(of: event(.find, "a"), at: at(RepeatedReads.period)) == 0)
        // A repeat does not make its row last longer.
        reads.recorded(event(.find, "a"), in: 7, at: at(RepeatedReads.period - 1))
        #expect(reads.row(of: event(.find, "a"), at: at(RepeatedReads.period)) == 0)
    }

    @Test(
        "moments, and ids that lead to nothing, are one read whatever they are; an alert that is found is its own"
    )
    func nothing() {
        var reads = RepeatedReads()
        reads.recorded(event(.locate, "2026-01-01T00:00:00+07:00", alerts: nil), in: 1, at: at(0))
        #expect(reads.row(of: event(.locate, "2026-01-02T00:00:00+07:00", alerts: nil), at: at(1)) == 1)
        reads.recorded(event(.find, "a", alerts: 0), in: 2, at: at(0))
        #expect(reads.row(of: event(.find, "b", alerts: 0), at: at(1)) == 2)
        #expect(reads.row(of: event(.find, "b", alerts: 1), at: at(1)) == 0)
    }

    @Test(
        "10,971 locates after a find: the find stays, and they are one row; distinct finds end at the limit")
    func flood() throws {
        let hub = try SmallHub()
        let path = hub.directory + "/audit.db"
        var limits = HubLimits()
        limits.auditRows = 100
        let time = HubTime(
            wall: Timestamp(milliseconds: wallClockMilliseconds()), steady: steadyClock())
        let recorder = AuditRecorder(
            periods: Periods(RetentionSettings()), time: SharedTime(time), limits: limits,
            log: Log<HubEvent>(program: "test")
        ) { () throws(StoreError) in try SQLiteAuditLog(path: path) }
        #expect(recorder.record([event(.find, "the one")]) == [.done])
        for number in 0..<10_971 {
            let locate = event(.locate, "moment \(number)", alerts: nil)
            if number % 1_000 == 0 { #expect(recorder.record([locate]) == [.done]) }
        }
        let recordings = (0..<200).flatMap { recorder.record([event(.find, "alert \($0)")]) }
        #expect(recordings.prefix(98).allSatisfy { $0 == .done })
        #expect(recordings.last == .tooMany)
        #expect(recorder.record([event(.find, "alert 5")]) == [.done], "the same again")
        recorder.close()
        var subjects: [String] = []
        try SQLiteAuditReader(path: path).each(identity: nil, since: nil) { subjects.append($0.subject) }
        #expect(subjects.first == "the one")
        #expect(subjects.count == 100)
    }
}
