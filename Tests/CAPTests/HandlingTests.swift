import Alerts
import CAP
import Testing

@Suite("Who may get what")
struct HandlingTests {
    private static let policy = HandlingPolicy(
        organisation: "nctp", partners: ["ministry"], community: ["network"])

    private func alert(_ handling: String, minor: Bool) throws -> Alert {
        let ages = minor ? "" : #", "ageRange": {"min": 30, "max": 40}"#
        return try complete(
            Array(
                """
                {"kind": "suspect", "provinces": ["KH-9"], "headline": "A broker", "handling": "\(handling)",
                 "suspect": {"role": "broker"\(ages)}}
                """.utf8))
    }

    /// For the organisation, a partner, the community.
    private static let table: [(String, [HandlingPolicy.Objection?])] = [
        ("TLP:RED", [.red, .red, .red]),
        ("TLP:AMBER+STRICT", [nil, .notTheOrganisation, .notTheOrganisation]),
        ("TLP:AMBER", [nil, nil, .noPartner]),
        ("TLP:GREEN", [nil, nil, nil]),
    ]

    @Test("each label leaves for whom it may, and for nobody else")
    func labels() throws {
        #expect(HandlingTests.table.map(\.0) == Handling.allCases.map(\.rawValue))
        for (label, objections) in HandlingTests.table {
            let alert = try alert(label, minor: false)
            for (destination, objection) in zip(["nctp", "ministry", "network"], objections) {
                let circle = try #require(HandlingTests.policy.circle(of: destination))
                #expect(
                    HandlingTests.policy.objection(to: alert, for: circle) == objection,
                    "\(label) for \(destination)")
            }
        }
    }

    @Test("what may concern a minor leaves for nobody, and an unknown age is a minor's")
    func minors() throws {
        for label in ["TLP:RED", "TLP:AMBER+STRICT"] {
            let alert = try alert(label, minor: true)
            for destination in HandlingTests.policy.destinations {
                let circle = try #require(HandlingTests.policy.circle(of: destination))
                #expect(HandlingTests.policy.objection(to: alert, for: circle) == .possibleMinor)
            }
        }
    }

    @Test("whom the settings don't name is no destination, and each objection says why")
    func strangers() {
        #expect(HandlingTests.policy.circle(of: "press") == nil)
        #expect(HandlingTests.policy.destinations == ["nctp", "ministry", "network"])
        #expect(Set(HandlingPolicy.Objection.allCases.map(\.reason)).count == 4)
    }

    @Test("over generated alerts nothing that is RED or may concern a minor ever leaves")
    func generated() throws {
        var maker = AlertMaker(seed: 21)
        for _ in 0..<200 {
            let alert = try maker.next()
            for circle in [HandlingPolicy.Circle.organisation, .partner, .community]
            where HandlingTests.policy.objection(to: alert, for: circle) == nil {
                #expect(alert.handling != .red && !alert.mayConcernMinor)
                #expect(alert.handling != .amberStrict || circle == .organisation)
            }
        }
    }
}
