import Alerts
import AlertStore
import Identity
import Testing
import Wire

@testable import AlertHub

extension ResponseTests {
    /// What a later record does to an alert.
    enum Later: CaseIterable {
        case update, dispute, withdrawal

        var change: Reply.Seen.Change {
            switch self {
            case .update: .update
            case .dispute: .dispute
            case .withdrawal: .withdrawal
            }
        }
    }

    @Test(
        "the same of an update, of a sighting that disputes it, and of the operator's withdrawal",
        arguments: Later.allCases)
    func laterCorrections(_ later: Later) throws {
        var hub = try Hub(everybody, signing: SigningKey())
        hub.ingest(post.alert(1, number: 1), from: post)
        _ = try hub.commit()
        for actor in [watch, reader] { try show([[1, 1]], as: actor, &hub) }
        var topic: UInt32 = 1
        switch later {
        case .update:
            let payload = String(
                decoding: samplePayload(
                    2, sender: post.name, provinces: ["KH-9"], kind: .suspect, references: [1]), as: UTF8.self
            ).replacing("\"Cancel\"", with: "\"Update\"")
            hub.ingest(
                post.sign(Array(payload.utf8), 2, epoch: 7, topic: Reference.topic("KH-9", .suspect)),
                from: post)
        case .dispute:
            let payload = String(
                decoding: samplePayload(70, sender: "prey-veng", provinces: ["KH-14"], kind: .sighting),
                as: UTF8.self
            ).replacing("\"seen\"", with: "\"mistaken\"")
            hub.ingest(
                answering.sign(Array(payload.utf8), 1, epoch: 7, topic: Reference.topic("KH-14", .sighting)),
                from: answering)
            topic = 2
        case .withdrawal:
            let order = Request.Order(request: 5, alerts: [sampleID(1)], reason: "Sent by mistake")
            hub.core.controlled(
                Request.withdraw(order).frames(), from: [77], user: "operator", at: hub.now)
            #expect(
                hub.core.carryOutOrders(at: hub.now, log: hub.reader) { [UInt8](repeating: 9, count: $0) }
                    == nil)
        }
        _ = try hub.commit()
        try show([topic == 1 ? [2, 2] : [1, 1]], topic: topic, as: reader, &hub)
        let corrections = try report(1, as: post, &hub).names?.corrections
        #expect(corrections?.map(\.change) == [later.change])
        #expect(corrections?.map(\.unseen) == [["watch"]])
    }
}
