import Alerts
import AlertStore
import Foundation
import Identity
import MemoryStore
import Notation
import Platform
import Settings
import Testing
import Wire

@testable import AlertHub

@Suite("Keys that are rotated")
struct RotationTests {
    /// A post with new keys, its former ones, and a hub that has both for an hour.
    private struct RotatedPost {
        let old = Actor("koh-kong", publish: Reference.grant("koh-kong"), read: Reference.grant("koh-kong"))
        let new = Actor("koh-kong", publish: Reference.grant("koh-kong"), read: Reference.grant("koh-kong"))
        var hub: Hub

        init() throws {
            hub = try Hub([old])
            var identity = new.registered
            let until = Timestamp(milliseconds: hub.now.milliseconds + 3_600_000)
            identity.former = [FormerKeys(keys: old.keys.publicKeys, until: until)]
            hub.core.follow(Registry([identity]))
            _ = hub.core.takeActions()
        }

        var feed: String { Feed.domain(of: new.read) }

        func admitted(_ actor: Actor) -> [Bool] {
            ["control", "ingest", feed].map {
                hub.core.admit(domain: $0, key: actor.keys.curve.publicKey).user != nil
            }
        }

        mutating func expire() -> [Action] {
            hub.now = Timestamp(milliseconds: hub.now.milliseconds + 3_600_000)
            hub.core.beat(at: hub.now)
            return hub.core.takeActions()
        }
    }

    @Test(
        "until the overlap ends both keys get in everywhere; afterwards only the new one, and the feed binds anew"
    )
    func admission() throws {
        var rotated = try RotatedPost()
        #expect(rotated.admitted(rotated.old) == [true, true, true])
        #expect(rotated.admitted(rotated.new) == [true, true, true])
        let actions = rotated.expire()
        #expect(rotated.admitted(rotated.old) == [false, false, false])
        #expect(rotated.admitted(rotated.new) == [true, true, true])
        #expect(actions.contains { if case .rebind(rotated.feed) = $0 { true } else { false } })
        #expect(notices(actions).map(\.event).contains(.keysExpired))
    }

    @Test("what either key signed is taken over either connection, in one sequence")
    func signatures() throws {
        var rotated = try RotatedPost()
        rotated.hub.ingest(rotated.old.alert(1), from: rotated.old)
        rotated.hub.ingest(rotated.old.alert(2), from: rotated.new)
        rotated.hub.ingest(rotated.new.alert(3), from: rotated.new)
        rotated.hub.ingest(rotated.new.alert(4), from: rotated.old)
        _ = try rotated.hub.commit()
        #expect(try rotated.hub.records().map(\.sequence) == [1, 2, 3, 4])
    }

    @Test(
        "after the overlap a connection with the former key is dropped, and its signature refused over the new one"
    )
    func afterwards() throws {
        var rotated = try RotatedPost()
        _ = rotated.expire()
        rotated.hub.send(rotated.new.alert(1), from: rotated.old)
        #expect(rotated.hub.core.drops.counts["revoked"] == 1)
        rotated.hub.ingest(rotated.old.alert(1), from: rotated.new)
        _ = try rotated.hub.commit()
        #expect(try rotated.hub.records().isEmpty)
        #expect(rotated.hub.core.drops.counts["signature"] == 1)
        let refused = rotated.hub.ask(
            .hello(Request.Hello(request: 1, program: "test")), as: rotated.old)
        guard case .refused(let reply)? = replies(refused).first else {
            Issue.record("not refused")
            return
        }
        #expect(reply.code == .grant)
    }

    @Test("a hub that starts after the overlap's end never lets the former key in")
    func start() throws {
        let rotated = try RotatedPost()
        var identity = rotated.new.registered
        identity.former = [FormerKeys(keys: rotated.old.keys.publicKeys, until: rotated.hub.now)]
        let core = HubCore(
            try rotated.hub.store.load(), registry: Registry([identity]), provinces: Reference.provinces,
            operatorUser: "operator", started: rotated.hub.now)
        #expect(core.admit(domain: "control", key: rotated.old.keys.curve.publicKey).user == nil)
        #expect(core.admit(domain: "control", key: rotated.new.keys.curve.publicKey).user != nil)
    }

    // MARK: The registry's file

    private struct Place {
        let directory: String
        let enrolment: Enrolment
        let now = Timestamp(milliseconds: 1_800_000_000_000)

        init() throws {
            directory = NSTemporaryDirectory() + "borderwire-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            let overlay = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("config/provinces.toml").path
            let text =
                "key = \"k\"\nregistry = \"\(directory)/registry.toml\"\nstate = \"s\"\nprovinces = \"\(overlay)\"\n[listen]\n"
            enrolment = try Enrolment(
                try TOMLDocument(text: Array(text.utf8), file: "hub.toml").decode(HubSettings.self))
        }

        func remove() { try? FileManager.default.removeItem(atPath: directory) }
    }

    @Test(
        "enroll --rotate keeps grants and former keys, through the file; overlap 0 with the keys in force ends an overlap"
    )
    func file() throws {
        let place = try Place()
        defer { place.remove() }
        let (first, second) = (IdentityKeys(name: "koh-kong"), IdentityKeys(name: "koh-kong"))
        _ = try place.enrolment.enroll(first.publicKeys, publish: ["koh-kong"], read: ["all"])
        _ = try place.enrolment.rotate(to: second.publicKeys, overlap: .seconds(3_600), now: place.now)
        var identity = try #require(try place.enrolment.identities().first)
        #expect(identity.keys == second.publicKeys)
        #expect(identity.publish.texts == ["koh-kong"] && identity.read.texts == ["all"])
        let until = Timestamp(milliseconds: place.now.milliseconds + 3_600_000)
        #expect(identity.former == [FormerKeys(keys: first.publicKeys, until: until)])
        // New grants leave the former keys alone.
        _ = try place.enrolment.enroll(second.publicKeys, publish: ["koh-kong"], read: [])
        #expect(try place.enrolment.identities().first?.former == identity.former)
        _ = try place.enrolment.rotate(to: second.publicKeys, overlap: .zero, now: place.now)
        identity = try #require(try place.enrolment.identities().first)
        #expect(identity.former == [FormerKeys(keys: first.publicKeys, until: place.now)])
        #expect(Registry([identity]).current(at: place.now).identity(user: first.curve.publicKey.hex) == nil)
    }

    @Test(
        "rotation refuses a name that is not there, a key of another identity, and a former key; at most eight are kept"
    )
    func refusals() throws {
        let place = try Place()
        defer { place.remove() }
        let enrolment = place.enrolment
        var keys = IdentityKeys(name: "koh-kong")
        #expect(throws: Failure.self) {
            try enrolment.rotate(to: keys.publicKeys, overlap: .zero, now: place.now)
        }
        _ = try enrolment.enroll(keys.publicKeys, publish: ["koh-kong"], read: [])
        let first = keys
        for _ in 0..<9 {
            keys = IdentityKeys(name: "koh-kong")
            _ = try enrolment.rotate(to: keys.publicKeys, overlap: .seconds(60), now: place.now)
        }
        #expect(try enrolment.identities().first?.former.count == 8)
        let former = try #require(try enrolment.identities().first?.former.last)
        #expect(throws: Failure.self) {
            try enrolment.rotate(to: former.keys, overlap: .zero, now: place.now)
        }
        let thief = PublicKeys(name: "prey-veng", curve: former.keys.curve, signing: first.publicKeys.signing)
        #expect(throws: Failure.self) {
            try enrolment.enroll(thief, publish: ["prey-veng"], read: [])
        }
    }
}
