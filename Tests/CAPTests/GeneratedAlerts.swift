import Alerts
import CAP
import Foundation
import Provinces
import Seeded
import Testing

/// The repository's own reference data.
enum Reference {
    private static let directory = Result {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try ReferenceData.provinces(overlay: root.appendingPathComponent("config/provinces.toml").path)
    }

    static func provinces() throws -> ProvinceDirectory { try directory.get() }
}

/// When the alerts of these tests are written.
let now = Timestamp(milliseconds: 1_795_476_600_000)

func context(_ detail: Detail = .full, for destination: String = "ministry") throws -> CAPDocument.Context {
    CAPDocument.Context(
        domain: "xb.example.kh", provinces: try Reference.provinces(), detail: detail,
        destination: destination)
}

/// A draft made an alert, as `borderwire-post publish` does it.
func complete(_ draft: [UInt8], sender: String = "koh-kong", id: AlertID? = nil) throws -> Alert {
    try AlertDraft(draft).completed(
        sender: sender, now: now, id: { id ?? AlertID(time: now, random: [1, 2, 3]) },
        provinces: try Reference.provinces()
    ).alert
}

/// What a document refers to, as if each of them had been sent by `koh-kong` an hour ago.
func references(of alert: Alert) -> [CAPDocument.Reference] {
    CAPDocument.referred(by: alert).map {
        CAPDocument.Reference(
            sender: CAPProfile.sender("koh-kong", domain: "xb.example.kh"),
            identifier: CAPProfile.identifier(of: $0), sent: now.before(.seconds(3_600)))
    }
}

/// Drafts of every kind and type, with any of their members there or not. What they say is invented.
struct AlertMaker {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private static let english = [
        "Grey van waits at the pier", "Two boats without lights & a \"guide\" <north>",
        "Meets people at the bus stop",
        "Moved on; see the note", "A tarpaulin over the bed",
    ]
    private static let khmer = [
        "រថយន្តដឹកអ្នកដំណើរ", "ទូកពីរគ្មានភ្លើង", "ជួបមនុស្សនៅចំណតរថយន្ត", "កំពង់ផែ", "ច្រកព្រំដែន",
    ]

    private mutating func one<Element>(_ list: [Element]) -> Element? { list.randomElement(using: &random) }
    private mutating func chance(_ percent: Int = 50) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func text(lines: Bool = false) -> [String: String] {
        let choice = Int.random(in: 0..<3, using: &random)
        let end = lines && chance() ? "\n  second line" : ""
        var text: [String: String] = [:]
        if choice != 0 { text["en"] = (one(AlertMaker.english) ?? "") + end }
        if choice != 1 { text["km"] = (one(AlertMaker.khmer) ?? "") + (end.isEmpty ? "" : "\nជួរទីពីរ") }
        return text
    }

    private func time(_ seconds: Int) -> String { now.before(.seconds(seconds)).rfc3339() }

    private mutating func id() -> String {
        AlertID(
            time: now.before(.seconds(7_200)),
            random: (0..<10).map { _ in .random(in: 0...255, using: &random) }
        )
        .description
    }

    private mutating func vehicle() -> [String: Any] {
        var vehicle: [String: Any] = ["type": one(Vehicle.VehicleType.allCases)?.rawValue ?? ""]
        if chance() { vehicle["plate"] = "2AB-\(Int.random(in: 1_000..<10_000, using: &random))" }
        if chance() { vehicle["colour"] = "grey & white" }
        if chance() { vehicle["make"] = "Toyota" }
        return vehicle
    }

    private mutating func suspect() -> [String: Any] {
        var suspect: [String: Any] = ["role": one(Suspect.Role.allCases)?.rawValue ?? ""]
        if chance() { suspect["aliases"] = ["Ta Mao", "Bong Thom"] }
        if chance() { suspect["sex"] = one(Sex.allCases)?.rawValue }
        if chance(70) { suspect["ageRange"] = ["min": 30, "max": 45] }
        if chance() { suspect["nationality"] = "KH" }
        if chance() {
            suspect["documents"] = [
                ["type": "passport", "country": "KH", "number": "N0000001"],
                ["type": "border-pass", "country": "TH", "number": "12/34-567"],
            ]
        }
        if chance() { suspect["marks"] = "scar on the left hand\nlimps" }
        if chance() { suspect["vehicle"] = vehicle() }
        return suspect
    }

    private mutating func counts(into section: inout [String: Any]) {
        if chance() { section["people"] = Int.random(in: 5...60, using: &random) }
        if chance(70) { section["minors"] = chance() ? 0 : 2 }
    }

    private mutating func movement() -> [String: Any] {
        var movement: [String: Any] = [
            "mode": one(Movement.Mode.allCases)?.rawValue ?? "",
            "direction": one(Movement.Direction.allCases)?.rawValue ?? "",
        ]
        if chance() { movement["from"] = "Sre Ambel" }
        if chance() { movement["towards"] = "Hat Lek" }
        if chance() { movement["vehicle"] = vehicle() }
        counts(into: &movement)
        if chance() {
            movement["lastSeen"] =
                chance() ? ["time": time(1_234)] : ["time": time(777), "place": "Andoung Tuek"]
        }
        return movement
    }

    private mutating func sighting() -> [String: Any] {
        let outcome = one(Sighting.Outcome.allCases) ?? .seen
        var sighting: [String: Any] = ["of": id(), "outcome": outcome.rawValue, "time": time(95)]
        if outcome != .notSeen, outcome != .mistaken { sighting["identifiers"] = ["plate", "name"] }
        if chance() { sighting["place"] = "the bridge" }
        if chance() { sighting["mode"] = one(Movement.Mode.allCases)?.rawValue }
        if chance() { sighting["direction"] = one(Movement.Direction.allCases)?.rawValue }
        if chance() { sighting["towards"] = "Pursat" }
        if chance() { sighting["vehicle"] = vehicle() }
        counts(into: &sighting)
        if chance() { sighting["action"] = one(Sighting.Action.allCases)?.rawValue }
        if chance() { sighting["share"] = true }
        return sighting
    }

    private mutating func people() -> [[String: Any]] {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
            var person: [String: Any] = [
                "role": one(PersonAtRisk.Role.allCases)?.rawValue ?? "",
                "ageBand": one(AgeBand.allCases)?.rawValue ?? "", "sex": one(Sex.allCases)?.rawValue ?? "",
                "count": Int.random(in: 1...9, using: &random),
            ]
            if chance() { person["languageNeed"] = "vi" }
            return person
        }
    }

    /// An alert that a post would make of the next draft.
    mutating func next() throws -> Alert {
        let type = one(MessageType.allCases) ?? .alert
        let kind = one(Kind.allCases) ?? .suspect
        var draft: [String: Any] = [
            "msgType": type.rawValue, "kind": kind.rawValue,
            "status": one(Status.allCases)?.rawValue ?? "", "urgency": one(Urgency.allCases)?.rawValue ?? "",
            "severity": one(Severity.allCases)?.rawValue ?? "",
            "certainty": one(Certainty.allCases)?.rawValue ?? "",
            "expires": now.after(.seconds(Int.random(in: 60...8_000_000, using: &random))).rfc3339(),
            "provinces": chance() ? ["KH-9"] : ["KH-15", "KH-9", "TH-23"],
        ]
        if type != .alert {
            draft["references"] = type == .ack || chance() ? [id()] : [id(), id()]
        }
        if type == .cancel, chance() { draft["resolution"] = "safe" }
        if type == .ack {
            if chance(70) { draft["note"] = text(lines: true) }
        } else {
            if kind != .sighting || chance() { draft["headline"] = text() }
            if chance() { draft["description"] = text(lines: true) }
            if chance() { draft["crossing"] = "Cham Yeam" }
            if chance(40) { draft["atRisk"] = people() }
            let hasSection = type != .cancel || kind != .sighting && chance()
            if hasSection {
                switch kind {
                case .suspect: draft["suspect"] = suspect()
                case .movement: draft["movement"] = movement()
                case .sighting: draft["sighting"] = sighting()
                }
            }
        }
        if chance(20) {
            draft["source"] = ["sender": "police.example.th", "digest": String(repeating: "0a", count: 16)]
        }
        draft["handling"] = chance() ? "TLP:RED" : "TLP:AMBER+STRICT"
        let bytes = Array(try JSONSerialization.data(withJSONObject: draft))
        let random = (0..<10).map { _ in UInt8.random(in: 0...255, using: &self.random) }
        return try complete(bytes, id: AlertID(time: now, random: random))
    }
}
