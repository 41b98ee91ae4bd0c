import AlertFeed
import Alerts
import Foundation
import Identity
import LogProof
import Provinces
import Testing
import Wire

/// The lines of JSON and CSV that other programs read, byte by byte: what borderwire-output(5) promises. Of one line for each
/// form that an alert can have, whatever the keys and clocks of the day are.
///
/// With BORDERWIRE_WRITE_GOLDEN set the files are written anew: then look at what has changed. Members and columns are only added.
@Suite("Line formats")
struct LineFormatTests {
    /// An invented alert and how it is found; Tests/formats/cases.json has them.
    private struct Case {
        let members: [String: Any]

        var post: String { members["post"] as? String ?? "koh-kong" }
        var isErased: Bool { members["erased"] as? Bool ?? false }

        func payload() throws -> [UInt8] {
            if let text = members["text"] as? String { return Array(text.utf8) }
            let object = try #require(members["payload"])
            return Array(
                try JSONSerialization.data(
                    withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]))
        }

        /// What the header says where the content doesn't.
        func facts() throws -> AlertFacts? {
            guard let facts = members["facts"] as? [String: Any] else { return nil }
            func code(_ name: String) throws -> UInt8 { UInt8(try #require(facts[name] as? Int)) }
            return AlertFacts(
                id: try id(facts["id"]), kind: try code("kind"), messageType: try code("message_type"),
                status: try code("status"), expires: Timestamp(milliseconds: 1_795_563_000_000),
                references: try (facts["references"] as? [String] ?? []).map { try id($0) })
        }

        private func id(_ text: Any?) throws -> [UInt8] {
            try #require((text as? String).flatMap { AlertID($0) }).bytes
        }

        func standing() throws -> Standing? {
            guard let word = members["state"] as? String else { return nil }
            return Standing(
                state: try #require(Standing.State(rawValue: word)),
                replacedBy: (members["replaced_by"] as? String).flatMap { AlertID($0) },
                disputedBy: members["disputed_by"] as? [String] ?? [])
        }

        var authorship: Authorship {
            switch members["by_author"] as? String {
            case "author": .author
            case "other": .other("koh-kong")
            case "unseen": .unseen
            default: .original
            }
        }
    }

    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("formats")
    private static let names = ["koh-kong", "prey-veng", "hub", "takeo"]

    private static func key(of name: String) throws -> SigningKey {
        let number = UInt8((names.firstIndex(of: name) ?? names.count) + 1)
        return try #require(SigningKey(seed: Array(repeating: number, count: 32)))
    }

    private static func publicKeys(of name: String) throws -> PublicKeys {
        PublicKeys(
            name: name, curve: Array(repeating: 0, count: 32), signing: try key(of: name).verifyingKey)
    }

    /// What a reader that knows koh-kong, prey-veng and the hub makes of them.
    private static func alerts() throws -> [ReadAlert] {
        let config = directory.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("config/provinces.toml")
        let provinces = try ReferenceData.provinces(overlay: config.path)
        let keyring = PublicKeyring(try ["koh-kong", "prey-veng"].map(publicKeys))
        let file = try Data(contentsOf: directory.appendingPathComponent("cases.json"))
        let cases = try #require(try JSONSerialization.jsonObject(with: file) as? [[String: Any]])
        return try cases.enumerated().map { index, members in
            let one = Case(members: members)
            let payload = try one.payload()
            let received = Timestamp(milliseconds: 1_795_476_600_000 + Int64(index) * 1_000)
            let facts = try one.facts()
            let decoded =
                facts == nil
                ? try Alert.decode(payload, provinces: provinces, screened: false) : nil
            let header = PostHeader(
                post: one.post, epoch: 0xAB, sequence: UInt64(index) + 1, queued: received,
                facts: try #require(facts ?? decoded.map { AlertFacts($0) })
            ).encoded()
            let digest = Seal.digest(of: payload)
            var seal = Seal.sign([(header: header, digest: digest)], with: try key(of: one.post))[0]
            if one.members["seal"] != nil { seal[10] ^= 1 }
            let kind = decoded?.kind ?? .suspect
            let streamed = StreamedAlert(
                offset: UInt64(index) + 1, topic: try #require(Topic("kh.koh-kong.\(kind.rawValue).")),
                topicSequence: UInt64(index) + 101, received: received,
                signed: SignedAlert(header: header, payload: one.isErased ? [] : payload, signature: seal),
                erased: one.isErased ? digest : nil)
            var seals = SealChecker()
            var read = ReadAlert(
                streamed, keyring, provinces, &seals, hub: [try publicKeys(of: "hub")])
            read.authorship = one.authorship
            read.standing = try one.standing()
            read.seen = try (one.members["seen"]).map {
                String(
                    decoding: try JSONSerialization.data(withJSONObject: $0, options: [.sortedKeys]),
                    as: UTF8.self)
            }
            return read
        }
    }

    @Test(
        "every form of alert is written as it was before",
        arguments: [("lines.jsonl", "json"), ("lines.csv", "csv"), ("lines-excel.csv", "csv-excel")])
    func golden(name: String, word: String) throws {
        let format: any AlertFormat =
            switch word {
            case "json": JSONFormat()
            case "csv": CSVFormat()
            default: CSVFormat(forExcel: true)
            }
        let written = try format.opening + LineFormatTests.alerts().flatMap { format.bytes(of: $0) }
        let file = LineFormatTests.directory.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["BORDERWIRE_WRITE_GOLDEN"] != nil {
            try Data(written).write(to: file)
        }
        let expected = try Data(contentsOf: file)
        let pairs = zip(
            String(decoding: written, as: UTF8.self).components(separatedBy: "\n"),
            String(decoding: expected, as: UTF8.self).components(separatedBy: "\n"))
        for (line, wanted) in pairs where line != wanted {
            Issue.record("\(name): \(line)\nwas: \(wanted)")
        }
        #expect(written.count == expected.count)
    }
}
