import Alerts
import AlertStore
import Foundation
import Identity
import Testing
import Wire

@testable import AlertHub

/// Posts of a version before, and of a later program of this version, before a hub.
@Suite("Earlier and later posts")
struct EarlierPostTests {
    private let post = Actor("koh-kong", publish: Reference.grant("all"))
    private let national = Actor("national", read: Reference.grant("all"))

    @Test("a post of version 1 is refused with the code version, and its alerts are dropped as such")
    func versionOne() throws {
        var hub = try Hub([post])
        var hello = Request.hello(
            Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 1)
        ).frames()
        hello[0][2] = 1
        hub.core.controlled(hello, from: [1], user: post.user, at: hub.now)
        guard case .refused(let refused)? = replies(hub.core.takeActions()).first else {
            Issue.record("no refusal")
            return
        }
        #expect(refused.code == .version)
        #expect(refused.reason.contains("version 1, this program speaks 2"))
        var alert = post.alert(1)
        alert.header[2] = 1
        hub.greet(post, epoch: 7)
        hub.send(alert, from: post)
        #expect(hub.core.drops.counts == ["version": 2], "its hello and its alert")
        #expect(hub.core.closeBatch() == nil)
    }

    @Test("what a later post adds to its header is stored and delivered byte by byte, and its seal verifies")
    func additions() throws {
        var hub = try Hub([post, national])
        var alert = post.alert(1)
        var header = try PostHeader(decoding: alert.header)
        header.additions = Array("of a later program".utf8)
        alert.header = header.encoded()
        let digest = Seal.digest(of: alert.payload)
        alert.signature = Seal.sign([(alert.header, digest)], with: post.keys.signing)[0]
        hub.ingest(alert, from: post)
        hub.ingest(post.alert(2), from: post)
        let delivered = try published(try hub.commit()).values.flatMap(\.self).deliveries.flatMap(\.alerts)
        #expect(delivered.map(\.signed.header) == [alert.header, post.alert(2).header])
        let record = try #require(try hub.records().first)
        #expect(record.signed.header == alert.header)
        var checker = SealChecker()
        let key = post.keys.signing.verifyingKey
        let isGood = checker.check(
            record.signed.signature, over: record.signed.header, digest: digest, by: key)
        let isGoodWithout = checker.check(
            record.signed.signature, over: post.alert(1).header, digest: digest, by: key)
        #expect(isGood && !isGoodWithout)
    }

    @Test("a header whose facts are not those of the payload is refused, also by codes that nobody knows yet")
    func facts() throws {
        var hub = try Hub([post, national])
        var alert = post.alert(1)
        var header = try PostHeader(decoding: alert.header)
        header.facts.kind = 200
        alert.header = header.encoded()
        alert.signature =
            Seal.sign([(alert.header, Seal.digest(of: alert.payload))], with: post.keys.signing)[0]
        hub.ingest(alert, from: post)
        let answers = replies(try hub.commit())
        guard case .acknowledged(let answer)? = answers.last else {
            Issue.record("no answer: \(answers)")
            return
        }
        #expect(answer.stored.isEmpty)
        #expect(answer.refused.map(\.code) == [.header])
    }
}
