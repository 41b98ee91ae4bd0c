import Alerts
import Platform
import ProcessHarness
import Seeded
import Synchronization

/// Drafts of a post: alerts of both kinds, of several lengths, some that concern the other post's province too; and
/// acknowledgements and sightings of what either post has said before, whether or not the hub has that yet. Where asked for also
/// alerts that seek somebody, with a plate, and later the word that whoever they sought is safe.
struct Drafts: Sendable {
    /// Alerts that drafts may answer. From any thread.
    final class Answerable: Sendable {
        private static let kept = 200

        private let alerts = Mutex<[(id: AlertID, kind: Kind)]>([])

        func add(_ id: AlertID, _ kind: Kind) {
            alerts.withLock { alerts in
                alerts.append((id, kind))
                if alerts.count > Answerable.kept { alerts.removeFirst() }
            }
        }

        func pick(_ random: inout SeededRandom) -> (id: AlertID, kind: Kind)? {
            alerts.withLock { $0.randomElement(using: &random) }
        }
    }

    /// An id that a draft names is so old: also by the clock of a post that is an hour behind it is not of the future.
    private static let age: Int64 = 2 * 3_600_000

    private let province: String
    private let other: String
    private let answerable: Answerable
    private let acknowledges: Bool
    private let isStored: (@Sendable (AlertID) -> Bool)?
    /// Alerts that seek somebody who is not safe yet, as far as they are remembered; answered by nobody, so that all of them can
    /// be told by the hub's database.
    private var sought: [AlertID] = []
    private static let mostSought = 50
    private var random: SeededRandom

    /// - acknowledges: its post is on duty for both provinces. isStored: whether the hub is known to have an alert of this post; with
    ///   it, the post seeks somebody now and then, and finds them. What never left a killed `publish` is cancelled by nobody.
    init(
        province: String, other: String, answerable: Answerable = Answerable(), acknowledges: Bool = false,
        isStored: (@Sendable (AlertID) -> Bool)? = nil, random: SeededRandom
    ) {
        self.province = province
        self.other = other
        self.answerable = answerable
        self.acknowledges = acknowledges
        self.isStored = isStored
        self.random = random
    }

    mutating func next() -> String {
        let choice = Int.random(in: 0..<10, using: &random)
        if choice == 0, acknowledges, let alert = answerable.pick(&random) {
            return """
                {"msgType": "Ack", "kind": "\(alert.kind.rawValue)", "references": ["\(alert.id)"], \
                "provinces": ["\(province)"], "note": "\(Stamp.now) seen to"}
                """
        }
        if choice == 1, let alert = answerable.pick(&random) {
            let isShared = Bool.random(using: &random)
            let time = Timestamp(milliseconds: Drafts.past / 1_000 * 1_000).rfc3339()
            return """
                {"kind": "sighting", "provinces": ["\(province)"], "description": "\(Stamp.now) at the pier", \
                "sighting": {"of": "\(alert.id)", "outcome": "seen", "identifiers": ["plate"], "time": "\(time)"\
                \(isShared ? #", "share": true"# : "")}}
                """
        }
        if choice == 2, let isStored { return found(isStored) ?? seek() }
        return alert()
    }

    private mutating func seek() -> String {
        let id = Drafts.newID
        sought.append(id)
        if sought.count > Drafts.mostSought { sought.removeFirst() }
        let plate = Int.random(in: 0..<10, using: &random)
        return """
            {"id": "\(id)", "kind": "movement", "provinces": ["\(province)"], "handling": "TLP:RED", \
            "headline": "\(Drafts.seeking)", "description": "\(Stamp.now) in a van", \
            "movement": {"mode": "road", "direction": "out", "vehicle": {"type": "van", "plate": "2SS-000\(plate)"}}}
            """
    }

    /// What a sought person's alert says, and nothing else.
    static let seeking = "Invented: a child is sought"

    /// nil: few are sought, or none of them is known to be stored.
    private mutating func found(_ isStored: (AlertID) -> Bool) -> String? {
        guard sought.count > 5, let index = sought.firstIndex(where: isStored) else { return nil }
        return """
            {"msgType": "Cancel", "resolution": "safe", "references": ["\(sought.remove(at: index))"], "kind": "movement", \
            "provinces": ["\(province)"], "handling": "TLP:RED", "headline": "\(Stamp.now) home again", \
            "movement": {"mode": "road", "direction": "out"}}
            """
    }

    /// Not of the seed: no two loads make the same id.
    private static var newID: AlertID {
        AlertID(
            time: Timestamp(milliseconds: past),
            random: (0..<AlertID.randomLength).map { _ in UInt8.random(in: 0...255) })
    }

    private static var past: Int64 { wallClockMilliseconds() - age }

    private mutating func alert() -> String {
        let isShared = Int.random(in: 0..<5, using: &random) == 0
        let provinces = isShared ? "\"\(province)\", \"\(other)\"" : "\"\(province)\""
        let words = Int.random(in: 1...60, using: &random)
        let text = String(repeating: "seen near the pier ", count: words)
        let kind: Kind = Bool.random(using: &random) ? .suspect : .movement
        let section =
            kind == .suspect
            ? #""suspect": {"role": "transporter", "sex": "male", "ageRange": {"min": 35, "max": 45}}"#
            : #""movement": {"mode": "road", "direction": "out", "people": 6, "minors": 0}"#
        let id = Drafts.newID
        answerable.add(id, kind)
        return """
            {"id": "\(id)", "kind": "\(kind.rawValue)", "severity": "Severe", "urgency": "Immediate", \
            "certainty": "Observed", "provinces": [\(provinces)], "handling": "TLP:AMBER", \
            "headline": "Grey van seen near the pier", "description": "\(Stamp.now) \(text)", \(section)}
            """
    }
}
