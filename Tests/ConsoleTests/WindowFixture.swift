import AlertFeed
import Alerts
import Foundation
import Identity
import LogProof
import Platform
import Provinces
import Wire

@testable import Console

/// Invented alerts of two posts and a hub, as a reader has checked them.
struct WindowFixture {
    static let now = Timestamp(milliseconds: 1_764_028_800_000)
    static let end = Timestamp(milliseconds: 1_764_028_900_000)
    static let provinces = Result {
        try ReferenceData.provinces(overlay: repository + "/config/provinces.toml")
    }
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private let keys: [String: IdentityKeys]
    private let hub = IdentityKeys(name: "hub")
    private let keyring: PublicKeyring
    private var seals = SealChecker()
    private var offset: UInt64 = 0

    init() {
        let posts = ["koh-kong", "prey-veng"].map { IdentityKeys(name: $0) }
        keys = Dictionary(uniqueKeysWithValues: (posts + [hub]).map { ($0.name, $0) })
        keyring = PublicKeyring(posts.map(\.publicKeys))
    }

    static func id(_ number: UInt8) -> AlertID {
        AlertID(time: now, random: [0, 0, 0, 0, 0, 0, 0, 0, 0, number])
    }

    /// The next of the stream.
    /// - type: as in the header. bytes: of its content. isSafe: a Cancel that says so.
    mutating func alert(
        _ number: UInt8, _ type: UInt8 = MessageType.alert.code, _ references: [UInt8] = [],
        by post: String = "koh-kong", bytes: Int = 20, ends: Timestamp = WindowFixture.end,
        isSafe: Bool = false,
        kind: Kind = .movement
    ) throws -> ReadAlert {
        offset += 1
        let header = PostHeader(
            post: post, epoch: 1, sequence: offset, queued: WindowFixture.now,
            facts: AlertFacts(
                id: WindowFixture.id(number).bytes, kind: kind.code, messageType: type,
                status: Status.test.code, expires: ends,
                references: references.map { WindowFixture.id($0).bytes },
                resolution: isSafe ? Resolution.safe.code : nil)
        ).encoded()
        let payload = Array("{\"x\":\"\(String(repeating: "x", count: bytes))\"}".utf8)
        let seal = Seal.sign([(header, Seal.digest(of: payload))], with: (keys[post] ?? hub).signing)[0]
        let streamed = StreamedAlert(
            offset: offset, topic: Topic(country: "kh", province: "koh-kong", kind: kind),
            topicSequence: offset,
            received: WindowFixture.now,
            signed: SignedAlert(header: header, payload: payload, signature: seal))
        var read = ReadAlert(
            streamed, keyring, try WindowFixture.provinces.get(), &seals, hub: [hub.publicKeys])
        if !references.isEmpty { read.authorship = .author }
        return read
    }
}

extension Window {
    /// How the alert of a number stands.
    func state(_ number: UInt8) -> String? {
        entry(of: WindowFixture.id(number))?.read.standing?.state.rawValue
    }
}
