import AlertFeed
import Alerts
import AlertStore
import Foundation
import Identity
import MemoryStore
import Platform
import Settings
import Synchronization
import Testing
import Wire

@testable import AlertHub

/// Real hubs over one log in memory, whose registry is in it.
@Suite("Three hubs with one registry")
struct SharedRegistryTests {
    private func names(_ cluster: Cluster, _ place: Int) throws -> Set<String> {
        Set(try cluster.status(place).links.map(\.identity))
    }

    private func version(_ cluster: Cluster, _ text: [UInt8]) throws {
        let versions = cluster.log.registry()
        let new = RegistryVersion(
            number: try versions.newestNumber() + 1, at: Timestamp(milliseconds: 0), who: "test", text: text)
        #expect(try versions.add(new))
    }

    @Test("what is changed on one machine is in force at all hubs when the command ends")
    func changed() throws {
        let cluster = try Cluster()
        try cluster.startHubs()
        _ = try KeyFiles.generate(name: "prey-veng", directory: cluster.directory)
        let keys = try KeyFiles.readPublic(cluster.directory + "/prey-veng.pub")
        for (place, settings) in cluster.settings.enumerated() {
            let enrolment = try Enrolment(settings)
            _ = try enrolment.enroll(keys, publish: ["prey-veng"], read: [])
            let entered = try RegistryEffect.wait(settings, "it is enrolled", patience: Pair.deadline)
            #expect(entered == .shared(Cluster.names, silent: []), "from \(place)")
            for other in cluster.hubs.indices { #expect(try names(cluster, other).contains("prey-veng")) }
            try enrolment.revoke("prey-veng")
            let left = try RegistryEffect.wait(settings, "it is revoked", patience: Pair.deadline)
            #expect(left == .shared(Cluster.names, silent: []))
            for other in cluster.hubs.indices { #expect(try !names(cluster, other).contains("prey-veng")) }
        }
        // One that is off is named, and it is not waited for in vain.
        try cluster.hubs[2].stop()
        _ = try Enrolment(cluster.settings[0]).enroll(keys, publish: ["prey-veng"], read: [])
        let outcome = try RegistryEffect.wait(
            cluster.settings[0], "it is enrolled", patience: Pair.deadline)
        #expect(outcome == .shared(["hub-a", "hub-b"], silent: ["hub-c"]))
        try cluster.hubs[2].start()
        #expect(try names(cluster, 2).contains("prey-veng"))
        for hub in cluster.hubs { try hub.stop() }
    }

    @Test(
        "a version that is damaged changes nothing at any hub, the command says so, and a good one is taken")
    func damaged() throws {
        let cluster = try Cluster()
        try cluster.startHubs()
        for place in cluster.hubs.indices {
            try Cluster.wait("hub \(place)") { try cluster.status(place).cluster?.hearsStore == true }
        }
        let kept = try #require(try cluster.log.registry().newest()).text
        try version(cluster, Array("count = 9\n".utf8))
        for settings in cluster.settings {
            try Cluster.wait("what is wrong") {
                InForceFile.read(settings)?.problem?.contains("version 3 of the registry") == true
            }
        }
        #expect(throws: Failure.self) {
            try RegistryEffect.wait(cluster.settings[0], "it", patience: .milliseconds(100))
        }
        for place in cluster.hubs.indices {
            #expect(try names(cluster, place).contains("koh-kong"))
            #expect(try cluster.status(place).cluster?.hearsStore == true)
        }
        let look = Check.run(cluster.settings[0], file: cluster.directory + "/hub-a.toml")
        #expect(look.contains { $0.problem?.contains("version 3 of the registry") == true })
        #expect(throws: (any Error).self) { try Enrolment(cluster.settings[1]).revoke("koh-kong") }
        try version(cluster, kept)
        #expect(
            try RegistryEffect.wait(cluster.settings[0], "it", patience: Pair.deadline)
                == .shared(Cluster.names, silent: []))
        for hub in cluster.hubs { try hub.stop() }
    }

    @Test("a hub that can't read what the registry is now answers nobody until it can")
    func unreadable() throws {
        let cluster = try Cluster()
        try cluster.startHubs()
        try Cluster.wait("a hub") { try cluster.status(0).cluster?.hearsStore == true }
        cluster.log.set(isRegistryUnreadable: true)
        try Enrolment(cluster.settings[0]).revoke("analyst")
        for place in cluster.hubs.indices {
            try Cluster.wait("hub \(place) to be silent") {
                try cluster.status(place).cluster?.hearsStore == false
            }
        }
        cluster.log.set(isRegistryUnreadable: false)
        for place in cluster.hubs.indices {
            try Cluster.wait("hub \(place) to go on") {
                try cluster.status(place).cluster?.hearsStore == true
            }
            #expect(try !names(cluster, place).contains("analyst"), "before anybody is answered")
        }
        for hub in cluster.hubs { try hub.stop() }
    }

    @Test("an escalation for which one machine has woken somebody wakes nobody at another")
    func paged() throws {
        let cluster = try Cluster()
        let rows = (1...3).map {
            EscalationRow(number: $0, offset: 1, reason: "unseen", at: Timestamp(milliseconds: 0))
        }
        let first = try #require(try PagedEscalations.open(cluster.settings[0]))
        #expect(try first.without(rows) == rows)
        #expect(try PagedEscalations.open(cluster.settings[1]) == nil, "two at once")
        try first.add(2)
        // It ends before its last one.
        first.close()
        let second = try #require(try PagedEscalations.open(cluster.settings[1]))
        #expect(try second.without(rows).map(\.number) == [1, 3])
        for row in rows { try second.add(row.number) }
        try second.conclude(through: 3)
        second.close()
        let third = try #require(try PagedEscalations.open(cluster.settings[2]))
        #expect(try third.without(rows).isEmpty)
        third.close()
    }

    @Test("what is past its time is erased, and who read it forgotten, by the hub that writes alone")
    func once() throws {
        let log = MemoryLog()
        let now = Timestamp(milliseconds: wallClockMilliseconds())
        let time = SharedTime(HubTime(wall: now, steady: steadyClock()))
        let role = SharedRole(.following)
        let audit = log.audit()
        var event = AuditEvent(identity: "analyst", action: .replay, subject: "all")
        event.at = Timestamp(milliseconds: 0)
        _ = try audit.append([event])
        let recorder = AuditRecorder(
            periods: Periods(RetentionSettings()), time: time, role: role,
            log: Log<HubEvent>(program: "test")
        ) { () throws(StoreError) in log.audit() }
        func events() throws -> Int {
            var count = 0
            try log.auditReader().each(identity: nil, since: nil) { _ in count += 1 }
            return count
        }
        recorder.maintain()
        #expect(try events() == 1)
        role.share(.writing)
        recorder.maintain()
        // By a clock that is believed.
        #expect(try events() == (time.value.erasing == nil ? 1 : 0))
        #expect(time.value.erasing != nil)
        recorder.close()
    }

    @Test("the purge of a hub that follows opens no eraser, and begins as soon as the hub writes")
    func purge() throws {
        let log = MemoryLog()
        let looks = Mutex(0)
        let purge = try PurgeThread()
        let role = SharedRole(.following) { purge.look() }
        let now = Timestamp(milliseconds: wallClockMilliseconds())
        let time = SharedTime(HubTime(wall: now, steady: steadyClock()))
        let thread = Thread {
            purge.run(
                log, Periods(RetentionSettings()), time, role, Log<HubEvent>(program: "test")
            ) { _ in looks.withLock { $0 += 1 } }
        }
        thread.start()
        defer { purge.stop() }
        for round in 1...3 {
            try Cluster.wait("round \(round)") { looks.withLock { $0 } >= round }
            purge.look()
        }
        #expect(log.erasersOpened == 0)
        role.share(.writing)
        try Cluster.wait("an eraser") { log.erasersOpened == 1 }
    }
}
