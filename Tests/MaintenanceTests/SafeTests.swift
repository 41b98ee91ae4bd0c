import Alerts
import AlertStore
import Foundation
import Identity
import LogProof
import Wire
import Testing

@testable import AlertHub

@Suite("Whoever an alert sought is safe")
struct SafeTests {
    /// Contents that are left, by offset.
    private func left(_ hub: SmallHub) throws -> [UInt64] {
        let reader = try hub.log.reader()
        let all = Set(UInt64(1)...(try reader.head()))
        return try all.filter { try reader.record(at: $0)?.erased == nil }.sorted()
    }

    private func verify(_ hub: SmallHub) throws -> VerificationReport {
        try Verify.log(hub.log, hub.keyring, hub: "hub", now: hub.now)
    }

    private func purge(_ hub: SmallHub) throws {
        _ = try PurgeCommand.run(hub.log, RetentionSettings(), isDry: false, now: hub.now)
    }

    /// An alert of the first post, its update, a sighting of each by the second one, and another alert: offsets 1 to 5.
    private func thread(_ hub: SmallHub) throws -> (alert: AlertID, update: AlertID) {
        let alert = try hub.alert()
        try hub.take([alert])
        let update = try hub.alert(references: [alert.id])
        try hub.take([update])
        for version in [alert.id, update.id] {
            try hub.take(
                [
                    try hub.alert(
                        from: 1, kind: .sighting, provinces: ["Prey Veng"], of: version)
                ], from: 1)
        }
        try hub.take([try hub.alert()])
        return (alert.id, update.id)
    }

    @Test(
        "the purge erases what its author's Cancel names and what answers it, and the log is sound, but for another's word"
    )
    func erased() throws {
        let hub = try SmallHub()
        let (alert, update) = try thread(hub)
        try hub.take([try hub.alert(references: [alert, update], type: "Cancel", isSafe: true)])
        #expect(try verify(hub).findings.isEmpty)
        try purge(hub)
        #expect(try left(hub) == [5, 6])
        let report = try verify(hub)
        #expect(report.erased == 4 && report.findings.isEmpty, "\(report.findings)")
        // Twice it changes nothing.
        try purge(hub)
        #expect(try left(hub) == [5, 6])
        // What nothing explains is found, in the very same log.
        let eraser = try hub.log.eraser()
        let other = try #require(try eraser.record(at: 5))
        try eraser.erase([(Purge.entry(other), other.payloadDigest)])
        #expect(try verify(hub).findings.map(\.offset) == [5])
    }

    @Test("a Cancel without it, and one of something else, erase nothing")
    func plain() throws {
        let hub = try SmallHub()
        let (alert, update) = try thread(hub)
        try hub.take([try hub.alert(references: [alert, update], type: "Cancel")])
        try purge(hub)
        #expect(try left(hub) == [1, 2, 3, 4, 5, 6])
    }

    @Test(
        "one that names not every version is refused, and says which are missing; another author's is refused"
    )
    func refused() throws {
        let hub = try SmallHub()
        let (alert, update) = try thread(hub)
        for references in [[alert], [update]] {
            try hub.take([try hub.alert(references: references, type: "Cancel", isSafe: true)])
        }
        let others = try hub.alert(from: 1, references: [alert, update], type: "Cancel", isSafe: true)
        try hub.take([others], from: 1)
        let refusals = try hub.log.reader().refusals(limit: 9)
        #expect(Set(refusals.map(\.code)) == ["reference"])
        #expect(refusals.contains { $0.reason.hasSuffix("names every version of the alert; add \(update)") })
        #expect(refusals.contains { $0.reason.hasSuffix("names every version of the alert; add \(alert)") })
        #expect(refusals.count == 3)
        try purge(hub)
        #expect(try left(hub) == [1, 2, 3, 4, 5])
    }

    @Test("a Cancel that only another than the author signed explains no erasure")
    func explained() throws {
        let hub = try SmallHub()
        let (alert, update) = try thread(hub)
        try hub.take([try hub.alert(references: [alert, update], type: "Cancel", isSafe: true)])
        try purge(hub)
        let rows = try hub.log.inspector().rows(after: 0, through: .max, limit: 99).records
        func findings(_ change: (inout PostHeader) -> Void, isForged: Bool = false) throws -> [UInt64] {
            var check = ErasureCheck(hubs: ["hub"])
            for row in rows {
                var header = try PostHeader(decoding: row.signed.header)
                if header.facts.isSafe { change(&header) }
                check.take(
                    offset: row.offset, header, isErased: row.erased != nil, isSealed: true,
                    isForged: header.facts.isSafe && isForged)
            }
            return check.findings(at: hub.now)
        }
        #expect(try findings { _ in } == [])
        #expect(try findings({ $0.post = "prey-veng" }) == [1, 2, 3, 4])
        #expect(try findings({ $0.facts.resolution = nil }) == [1, 2, 3, 4])
        #expect(try findings({ $0.facts.references.removeLast() }) == [4])
        #expect(try findings({ _ in }, isForged: true) == [1, 2, 3, 4])
    }

    @Test("a restored backup erases again before anybody reads it")
    func restored() throws {
        let hub = try SmallHub()
        let (alert, update) = try thread(hub)
        try hub.take([try hub.alert(references: [alert, update], type: "Cancel", isSafe: true)])
        let backup = hub.directory + "/copy.db"
        _ = try Backup.copy(hub.log, to: backup)
        let other = try SmallHub()
        try other.store.close()
        for name in ["alerts.db", "alerts.db-wal", "alerts.db-shm"] {
            try? FileManager.default.removeItem(atPath: other.directory + "/" + name)
        }
        _ = try Restore.restore(backup, to: SQLiteBackend(directory: other.directory), keepsLog: true)
        let reader = try SQLiteBackend(directory: other.directory).reader(patience: nil)
        #expect(
            try (UInt64(1)...6).map { try reader.record(at: $0)?.erased != nil } == [
                true, true, true, true, false, false,
            ])
    }
}
