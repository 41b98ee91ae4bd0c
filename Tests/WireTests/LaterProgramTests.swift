import AlertFeed
import Alerts
import Foundation
import Identity
import Platform
import Provinces
import Settings
import Testing

@testable import Wire

/// What a program of this version makes of what a later one may add within it, and of the version before.
@Suite("Earlier and later programs")
struct LaterProgramTests {
    /// The frames after which a form may get further ones.
    private static let growing: [(file: String, known: Int)] = [
        ("delivery", 2), ("heartbeat", 3), ("request", 3), ("reply", 3),
    ]

    @Test("further frames of a delivery, a heartbeat, a request and a reply are passed over")
    func frames() throws {
        for (file, known) in LaterProgramTests.growing {
            let form = try #require(Form.all.first { $0.file == file })
            for one in try Golden<Anything>(file).cases where one.error == nil {
                // Where a frame that may be there is not, a further one can't come in its place.
                guard one.bytes.count >= known else { continue }
                let isPage = one.bytes[1] == Array("page".utf8)
                let more = one.bytes + (isPage ? [[0x42], []] : [Array("later".utf8), []])
                #expect(
                    try form.decodeAndEncode(more) == form.decodeAndEncode(one.bytes),
                    "\(file): \(one.what)")
            }
        }
    }

    @Test("members that a later program adds to a body, at its beginning or within, are passed over")
    func members() throws {
        for file in ["request", "reply"] {
            let form = try #require(Form.all.first { $0.file == file })
            for one in try Golden<Anything>(file).cases where one.error == nil && one.rewritten != true {
                let body = String(decoding: one.bytes[2], as: UTF8.self)
                guard body.hasPrefix("{"), !body.contains("later") else { continue }
                var frames = one.bytes
                let added = #"{"added":[{"x":-1,"y":null},"z",true],"#
                // Of objects within only those of lists: others may be maps, whose members are data.
                let grown = "{" + body.dropFirst().replacing("[{", with: "[" + added)
                frames[2] = Array((added + grown.dropFirst()).utf8)
                #expect(
                    try form.decodeAndEncode(frames) == form.decodeAndEncode(one.bytes),
                    "\(file): \(one.what)")
            }
        }
    }

    @Test("a message of version 1 is refused with the code version, whatever its form")
    func versionOne() throws {
        for form in Form.all {
            // A page has no version of its own; its reply has.
            for one in try Golden<Anything>(form.file).cases where one.error == nil && form.file != "page" {
                var frames = one.bytes
                // The frame that has the preamble: after the topic, where there is one.
                let place = try #require(frames.firstIndex { $0.starts(with: [0x42, 0x57]) })
                frames[place][2] = 1
                do throws(Malformed) {
                    _ = try form.decodeAndEncode(frames)
                    Issue.record("\(form.file): \(one.what): was taken")
                } catch {
                    #expect(error.code == .version, "\(form.file): \(one.what): \(error)")
                    #expect(error.description.contains("version 1, this program speaks 2"))
                }
            }
        }
    }

    @Test("a page or a delivery in a coding that this program doesn't know is unreadable")
    func coding() throws {
        var page = PageRecord.encode([])
        page[0] = 1
        #expect(throws: Malformed("coding: 1 is not known to this program", code: .unsupported)) {
            try PageRecord.decode(page)
        }
        let golden = try Golden<Anything>("delivery").cases.first { $0.error == nil }
        var frames = try #require(golden).bytes
        frames[1][4] = 1
        #expect(throws: Malformed("coding: 1 is not known to this program", code: .unsupported)) {
            try FeedMessage(frames: frames)
        }
    }

    @Test("an alert with codes that nobody knows yet, and additions, verifies and is shown")
    func unknownCodes() throws {
        let post = IdentityKeys(name: "koh-kong")
        var header = PostHeader(
            post: post.name, epoch: 7, sequence: 1, queued: Timestamp(milliseconds: 1),
            facts: AlertFacts(
                id: Array(1...16), kind: 200, messageType: 201, status: 202,
                expires: Timestamp(milliseconds: .max)))
        header.additions = Array(0...254)
        let payload = Array(#"{"later":true}"#.utf8)
        let seal = Seal.sign([(header.encoded(), Seal.digest(of: payload))], with: post.signing)[0]
        let facts = try PostHeader(decoding: header.encoded()).facts
        #expect(facts.knownKind == nil && facts.knownStatus == nil)
        #expect(!MessageType.allCases.map(\.code).contains(facts.messageType))
        var checker = SealChecker()
        let overlay = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("config/provinces.toml")
        let alert = ReadAlert(
            StreamedAlert(
                offset: 1, topic: Topic(country: "kh", province: "koh-kong", kind: .suspect),
                topicSequence: 1, received: Timestamp(milliseconds: 2),
                signed: SignedAlert(header: header.encoded(), payload: payload, signature: seal)),
            PublicKeyring([post.publicKeys]), try ReferenceData.provinces(overlay: overlay.path), &checker)
        #expect(alert.check == .valid)
        #expect(alert.alert == nil && !alert.isErased)
        #expect(alert.post == "koh-kong" && alert.sequence == 1)
    }
}
