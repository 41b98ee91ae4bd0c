import Alerts
import Foundation
import Identity
import LogProof
import Platform
import Provinces
import Settings
import Testing
import Wire

@testable import AlertFeed

@Suite("Whose word it is")
struct AuthorshipTests {
    private static let provinces = Result {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try ReferenceData.provinces(overlay: root.appendingPathComponent("config/provinces.toml").path)
    }

    private static func id(_ number: Int) -> String { "01a20abe-b4c0-7abc-8def-00000000000\(number)" }

    private func read(
        _ number: Int, by post: String, _ type: String = "Alert", _ references: [Int] = [],
        authors: inout Standings
    ) throws -> ReadAlert {
        let keys = IdentityKeys(name: post)
        var json: [String: Any] = [
            "id": Self.id(number), "sender": post, "sent": "2026-11-24T06:30:00+07:00", "status": "Actual",
            "msgType": type, "kind": "movement", "urgency": "Unknown", "severity": "Extreme",
            "certainty": "Unknown", "expires": "2026-11-25T06:30:00+07:00", "handling": "TLP:AMBER+STRICT",
            "provinces": ["KH-14", "KH-9"], "headline": ["en": "Invented"],
            "movement": ["mode": "road", "direction": "out"],
        ]
        if !references.isEmpty { json["references"] = references.map(Self.id) }
        let payload = Array(try JSONSerialization.data(withJSONObject: json))
        let content = try Alert.decode(payload, provinces: try Self.provinces.get())
        let header = PostHeader(
            post: post, epoch: 1, sequence: 2, queued: Timestamp(milliseconds: 1_764_028_800_123),
            facts: AlertFacts(content)
        ).encoded()
        var seals = SealChecker()
        let topic = try #require(Topic("kh.prey-veng.movement."))
        let seal = Seal.sign([(header, Seal.digest(of: payload))], with: keys.signing)[0]
        var read = ReadAlert(
            StreamedAlert(
                offset: 7, topic: topic, topicSequence: 3, received: Timestamp(milliseconds: 1),
                signed: SignedAlert(header: header, payload: payload, signature: seal)),
            PublicKeyring([keys.publicKeys]), try Self.provinces.get(), &seals)
        let alert = try #require(read.alert)
        authors.note(alert.id, by: post, expires: alert.expires)
        read.authorship = authors.authorship(of: alert.references, by: post)
        return read
    }

    private func text(_ read: ReadAlert) throws -> String {
        String(
            decoding: TextFormat(try Self.provinces.get(), colours: false, columns: { 400 }).bytes(of: read),
            as: UTF8.self)
    }

    private func json(_ read: ReadAlert) throws -> [String: Any] {
        let line = Data(JSONFormat().bytes(of: read))
        return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    }

    @Test("a Cancel by another post is never called one of the author's")
    func other() throws {
        var authors = Standings()
        #expect(try json(read(1, by: "koh-kong", authors: &authors))["by_author"] == nil)
        let cancel = try read(2, by: "prey-veng", "Cancel", [1], authors: &authors)
        #expect(cancel.check == .valid)
        #expect(try text(cancel).contains("CANCEL BY prey-veng, WITHOUT EFFECT: THE ALERT IS BY koh-kong"))
        #expect(try !text(cancel).contains("CANCELLED"))
        #expect(try json(cancel)["by_author"] as? Bool == false)
        #expect(
            String(decoding: CSVFormat().bytes(of: cancel), as: UTF8.self).contains(
                #""KH-14 KH-9","false","","#))
        let update = try read(3, by: "prey-veng", "Update", [1], authors: &authors)
        #expect(try text(update).contains("UPDATE BY prey-veng, WITHOUT EFFECT: THE ALERT IS BY koh-kong"))
        let both = try read(4, by: "prey-veng", "Cancel", [3, 1], authors: &authors)
        #expect(both.authorship == .other("koh-kong"))
    }

    @Test("the author's own is, and where the alert was not seen, that is said")
    func own() throws {
        var authors = Standings()
        _ = try read(1, by: "koh-kong", authors: &authors)
        let cancel = try read(2, by: "koh-kong", "Cancel", [1], authors: &authors)
        #expect(try text(cancel).contains(" CANCELLED "))
        #expect(try json(cancel)["by_author"] as? Bool == true)
        let unseen = try read(3, by: "koh-kong", "Cancel", [9], authors: &authors)
        #expect(try text(unseen).contains("CANCELLED by koh-kong, what it refers to was not seen here"))
        #expect(try json(unseen)["by_author"] is NSNull)
    }

    @Test("one that its post did not sign has no effect")
    func unsigned() throws {
        var authors = Standings()
        _ = try read(1, by: "koh-kong", authors: &authors)
        let cancel = try read(2, by: "koh-kong", "Cancel", [1], authors: &authors)
        var seals = SealChecker()
        var forged = ReadAlert(
            cancel.streamed, PublicKeyring([IdentityKeys(name: "koh-kong").publicKeys]),
            try Self.provinces.get(), &seals)
        forged.authorship = .author
        #expect(try text(forged).contains("CANCEL WITHOUT EFFECT: NOT SIGNED BY koh-kong"))
        #expect(try !text(forged).contains("CANCELLED"))
    }

    @Test("the oldest of too many are forgotten")
    func bound() throws {
        var authors = Standings()
        let first = try #require(AlertID(Self.id(1)))
        authors.note(first, by: "koh-kong", expires: first.time)
        #expect(authors.authorship(of: [first], by: "koh-kong") == .author)
        for number in 0..<UInt64(Standings.most) {
            let random = withUnsafeBytes(of: number.bigEndian) { [0, 1] + Array($0) }
            authors.note(
                AlertID(time: first.time, random: random), by: "koh-kong", expires: first.time)
        }
        #expect(authors.authorship(of: [first], by: "koh-kong") == .unseen)
    }

    /// A record with one of the hub's codes, sealed with these keys under their name.
    private func notice(
        _ action: HubNotice.Action, by keys: IdentityKeys, hub: IdentityKeys, erased: Bool = false
    ) throws -> ReadAlert {
        let target = try #require(AlertID(Self.id(1)))
        let id = try #require(AlertID(Self.id(9)))
        let reason = try HubNotice.reason("Sent by mistake", provinces: try Self.provinces.get())
        let payload = HubNotice(
            id: id, sender: keys.name, sent: Timestamp(milliseconds: 1_764_028_800_000), action: action,
            references: [target], reason: reason
        ).encoded()
        let header = PostHeader(
            post: keys.name, epoch: 1, sequence: 1, queued: Timestamp(milliseconds: 1_764_028_800_000),
            facts: AlertFacts(
                id: id.bytes, kind: Kind.movement.code, messageType: action.code, status: Status.test.code,
                expires: Timestamp(milliseconds: 1_764_115_200_000), references: [target.bytes])
        ).encoded()
        let digest = Seal.digest(of: payload)
        var seals = SealChecker()
        return ReadAlert(
            StreamedAlert(
                offset: 8, topic: try #require(Topic("kh.prey-veng.movement.")), topicSequence: 4,
                received: Timestamp(milliseconds: 1),
                signed: SignedAlert(
                    header: header, payload: erased ? [] : payload,
                    signature: Seal.sign([(header, digest)], with: keys.signing)[0]),
                erased: erased ? digest : nil),
            PublicKeyring([keys.publicKeys]), try Self.provinces.get(), &seals, hub: [hub.publicKeys])
    }

    @Test("a notice of the hub is shown as its operator's word, with reason and ids, in each format")
    func hubsNotice() throws {
        let hub = IdentityKeys(name: "hub")
        let read = try notice(.withdrawal, by: hub, hub: hub)
        let text = try text(read)
        #expect(text.contains("WITHDRAWN by the hub's operator"))
        #expect(text.contains("| Sent by mistake"))
        #expect(text.contains("refers to \(Self.id(1))"))
        #expect(text.contains("TEST"))
        let json = try json(read)
        #expect(json["notice"] as? String == "Withdrawal")
        #expect(json["refers_to"] as? [String] == [Self.id(1)])
        #expect(json["verified"] as? Bool == true)
        let csv = String(decoding: CSVFormat().bytes(of: read), as: UTF8.self)
        #expect(csv.contains("\"Withdrawal\""))
        #expect(csv.contains("\"Sent by mistake\""))
        #expect(csv.split(separator: ",").count == CSVFormat.columns.count)
        let erasure = try self.text(try notice(.erasure, by: hub, hub: hub, erased: true))
        #expect(erasure.contains("CONTENT ERASED by the hub's operator"))
        #expect(erasure.contains("refers to \(Self.id(1))"))
    }

    @Test("a notice that another signed, under its own name or the hub's, is without effect and said to be")
    func forgedNotice() throws {
        let hub = IdentityKeys(name: "hub")
        for name in ["koh-kong", "hub"] {
            let read = try notice(.withdrawal, by: IdentityKeys(name: name), hub: hub)
            let text = try text(read)
            #expect(text.contains("WITHOUT EFFECT: NOT SIGNED BY THE HUB"), "\(text)")
            #expect(!text.contains("WITHDRAWN"))
            let json = try json(read)
            #expect(json["notice"] is NSNull)
            #expect(json["verified"] as? Bool == false)
        }
    }

    @Test("an Update of an alert whose content is erased is known to be its author's, from the headers alone")
    func erasedTarget() throws {
        func header(_ number: Int, _ references: [Int], by post: String) throws -> PostHeader {
            PostHeader(
                post: post, epoch: 1, sequence: 1, queued: Timestamp(milliseconds: 1),
                facts: AlertFacts(
                    id: try #require(AlertID(Self.id(number))).bytes, kind: 1, messageType: 2, status: 1,
                    expires: Timestamp(milliseconds: 2),
                    references: try references.map { try #require(AlertID(Self.id($0))).bytes }))
        }
        var authors = Standings()
        authors.take(try header(1, [], by: "koh-kong"), isSigned: true)
        #expect(authors.authorship(of: try header(2, [1], by: "koh-kong")) == .author)
        #expect(authors.authorship(of: try header(3, [1], by: "pursat")) == .other("koh-kong"))
    }
}
