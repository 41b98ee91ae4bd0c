import ProcessHarness
import Seeded

/// Drafts of a post, of both kinds, of several lengths, some that concern the other post's province too.
struct Drafts: Sendable {
    private let province: String
    private let other: String
    private var random: SeededRandom

    init(province: String, other: String, random: SeededRandom) {
        self.province = province
        self.other = other
        self.random = random
    }

    mutating func next() -> String {
        let isShared = Int.random(in: 0..<5, using: &random) == 0
        let provinces = isShared ? "\"\(province)\", \"\(other)\"" : "\"\(province)\""
        let words = Int.random(in: 1...60, using: &random)
        let text = String(repeating: "seen near the pier ", count: words)
        let isSuspect = Bool.random(using: &random)
        let section =
            isSuspect
            ? #""suspect": {"role": "transporter", "sex": "male", "ageRange": {"min": 35, "max": 45}}"#
            : #""movement": {"mode": "road", "direction": "out", "people": 6, "minors": 0}"#
        return """
            {"kind": "\(isSuspect ? "suspect" : "movement")", "severity": "Severe", "urgency": "Immediate", \
            "certainty": "Observed", "provinces": [\(provinces)], "handling": "TLP:AMBER", \
            "headline": "Grey van seen near the pier", "description": "\(Stamp.now) \(text)", \(section)}
            """
    }
}
