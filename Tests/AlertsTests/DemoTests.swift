import Alerts
import Foundation
import Testing

@Suite("The demo's day")
struct DemoTests {
    static let demo = Reference.config.appendingPathComponent("demo")
    /// When the drafts are completed: at the end of the day that they tell of.
    static let now = Timestamp(milliseconds: 1_764_003_600_000)
    /// When the bad ones are.
    static let later = Timestamp(milliseconds: 1_795_476_600_000)

    private func complete(
        _ draft: [UInt8], sender: String, number: Int = 0, now: Timestamp = Self.now
    ) throws -> (
        alert: Alert, payload: [UInt8]
    ) {
        let random = (0..<10).map { UInt8(truncatingIfNeeded: number >> (8 * (9 - $0))) }
        return try AlertDraft(draft).completed(
            sender: sender, now: now, id: { AlertID(time: now, random: random) },
            provinces: try Reference.provinces())
    }

    private func day(of post: String) throws -> [Alert] {
        let file = try Data(contentsOf: Self.demo.appendingPathComponent("\(post).jsonl"))
        return try file.split(separator: 0x0A).enumerated().map { number, line in
            do {
                return try complete(Array(line), sender: post, number: number).alert
            } catch {
                Issue.record("\(post).jsonl, line \(number + 1): \(error)")
                throw error
            }
        }
    }

    @Test(
        "every draft of the day is a valid alert of its post",
        arguments: [("koh-kong", "KH-9"), ("prey-veng", "KH-14")])
    func valid(post: String, province: String) throws {
        let alerts = try day(of: post)
        #expect(alerts.allSatisfy { $0.provinces.first == province })
        #expect(Set(alerts.map(\.id)).count == alerts.count)
        #expect(Set(alerts.map(\.kind)) == [.suspect, .movement])
        #expect(Set(alerts.map(\.messageType)) == [.alert, .update, .cancel])
        #expect(Set(alerts.map(\.status)) == Set(Status.allCases))
        #expect(alerts.contains { $0.headline?.km != nil && $0.headline?.en != nil })
        #expect(alerts.contains { $0.headline?.km == nil } && alerts.contains { $0.headline?.en == nil })
    }

    @Test(
        "what is updated or cancelled was sent before, about the same kind",
        arguments: ["koh-kong", "prey-veng"])
    func references(post: String) throws {
        var sent: [AlertID: Alert] = [:]
        for alert in try day(of: post) {
            for reference in alert.references {
                #expect(sent[reference]?.kind == alert.kind, "\(alert.headline)")
                #expect(sent[reference]?.messageType != .cancel)
            }
            sent[alert.id] = alert
        }
    }

    @Test("the day has the 60 alerts and the spread that were asked for")
    func spread() throws {
        let alerts = try day(of: "koh-kong") + day(of: "prey-veng")
        #expect(alerts.count >= 64)
        #expect(alerts.filter { $0.provinces.count == 3 }.count >= 6)
        #expect(alerts.filter(\.mayConcernMinor).allSatisfy { $0.handling.isRestricted })
        #expect(Set(alerts.map(\.severity)) == Set(Severity.allCases))
        #expect(Set(alerts.map(\.handling)) == Set(Handling.allCases))
        let crossings = Set(try Reference.provinces().crossings.map(\.name))
        #expect(alerts.compactMap(\.crossing).allSatisfy(crossings.contains))
    }

    @Test("no alert of the day is larger than 4 KiB")
    func small() throws {
        for post in ["koh-kong", "prey-veng"] {
            for line in try Data(contentsOf: Self.demo.appendingPathComponent("\(post).jsonl")).split(
                separator: 0x0A)
            {
                #expect(try complete(Array(line), sender: post).payload.count < 4_096)
            }
        }
    }

    static let bad =
        (try? FileManager.default.contentsOfDirectory(
            at: demo.appendingPathComponent("bad"), includingPropertiesForKeys: nil))?
        .filter { $0.pathExtension == "json" }.map { $0.deletingPathExtension().lastPathComponent }.sorted()
        ?? []

    @Test("there are enough bad drafts, each with its error")
    func enoughBad() throws {
        #expect(Self.bad.count >= 24)
        let errors = try FileManager.default.contentsOfDirectory(
            at: Self.demo.appendingPathComponent("bad"), includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "error" }
        #expect(errors.count == Self.bad.count)
    }

    @Test("each bad draft gets exactly the lines written beside it", arguments: bad)
    func badDraft(name: String) throws {
        let file = Self.demo.appendingPathComponent("bad/\(name)")
        let draft = Array(try Data(contentsOf: file.appendingPathExtension("json")))
        let error = #expect(throws: InvalidAlert.self) {
            try complete(draft, sender: "koh-kong", now: Self.later)
        }
        let wanted = try String(contentsOf: file.appendingPathExtension("error"), encoding: .utf8)
        #expect((error?.description ?? "") + "\n" == wanted)
        #expect(error?.description.contains("Invented") == false)
        #expect(error?.description.contains("012") == false)
    }
}
