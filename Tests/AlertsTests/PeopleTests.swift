import Alerts
import Foundation
import Testing

@Suite("People")
struct PeopleTests {
    static let minorProblem =
        "handling: TLP:AMBER, but someone in it may be under 18 (an unknown age counts as a minor's); "
        + "only TLP:RED or TLP:AMBER+STRICT"

    @Test(
        "a victim among suspects is refused with the way out",
        arguments: ["victim", "possible-victim", "possible_victim", "Victim", "TransferredIndividual"])
    func victimAsSuspect(role: String) throws {
        #expect(
            try problems(.suspect.with("suspect.role", role))
                == ["suspect.role: a victim is not a suspect; count them in atRisk, which takes no name"])
    }

    @Test(
        "people at risk have no name, document, telephone, address or photograph, and neither has anyone's movement",
        arguments: [
            "name", "names", "aliases", "surname", "document", "documents", "passport", "phone", "telephone",
            "address", "photo", "image", "dateOfBirth", "nationality", "marks", "description", "sealed",
        ])
    func noIdentity(field: String) throws {
        var person = Sample.personAtRisk
        person[field] = "Invented"
        let found = try problems(.movement.with("atRisk", [person]))
        #expect(found == ["atRisk[0].\(field): unknown field"])
        #expect(
            try problems(.movement.with("movement.\(field)", "Invented")) == [
                "movement.\(field): unknown field"
            ])
        #expect(!found.joined().contains("Invented"))
    }

    @Test(
        "a reference to a person at risk is opaque",
        arguments: [
            "", "R-", "R-ABC", "R-abcd", "SOK", "R-SOK DARA", "R-\(String(repeating: "A", count: 25))",
            "R-កខគឃ",
        ])
    func reference(text: String) throws {
        var person = Sample.personAtRisk
        person["reference"] = text
        #expect(
            try problems(.movement.with("atRisk", [person]))
                == [
                    "atRisk[0].reference: not R- and 4 to 24 capital letters or digits; it must tell a reader nothing"
                ])
    }

    @Test(
        "both ends of a reference's length are taken",
        arguments: ["R-AB12", "R-\(String(repeating: "9", count: 24))"])
    func referenceLengths(text: String) throws {
        var person = Sample.personAtRisk
        person["reference"] = text
        #expect(try problems(.suspect.with("atRisk", [person])) == [])
    }

    @Test("people at risk need role, reference, age band, sex and count")
    func needed() throws {
        #expect(
            try problems(.movement.with("atRisk", [[String: Any]()])) == [
                "atRisk[0].role: missing", "atRisk[0].reference: missing", "atRisk[0].ageBand: missing",
                "atRisk[0].sex: missing", "atRisk[0].count: missing",
            ])
        var person = Sample.personAtRisk
        person["count"] = 0
        person["languageNeed"] = "Vietnamese"
        #expect(
            try problems(.movement.with("atRisk", [person])) == [
                "atRisk[0].languageNeed: not a language's code, such as vi or khm",
                "atRisk[0].count: not from 1 to 10000",
            ])
        person = Sample.personAtRisk
        person["languageNeed"] = "vi"
        #expect(try decoded(.movement.with("atRisk", [person])).atRisk.first?.languageNeed == "vi")
        #expect(
            try problems(.movement.with("atRisk", [[String: Any]](repeating: person, count: 51)))
                == ["atRisk: 51 entries, at most 50"])
    }

    @Test(
        "an age band that may be a minor's needs restricted handling; an unknown one too",
        arguments: AgeBand.allCases)
    func ageBands(band: AgeBand) throws {
        var person = Sample.personAtRisk
        person["ageBand"] = band.rawValue
        let sample = Sample.movement.with("atRisk", [person])
        let minor = !["18-24", "25-59", "60+"].contains(band.rawValue)
        for label in Handling.allCases {
            let allowed = !minor || label == .red || label == .amberStrict
            #expect(try problems(sample.with("handling", label.rawValue)).isEmpty == allowed)
        }
        #expect(try problems(sample) == (minor ? [Self.minorProblem] : []))
        #expect(try decoded(sample.with("handling", "TLP:RED")).mayConcernMinor == minor)
    }

    @Test("minors in a movement need restricted handling, and so do minors not counted")
    func minors() throws {
        #expect(try problems(.movement.with("movement.minors", 1)) == [Self.minorProblem])
        #expect(try problems(.movement.with("movement.minors", nil)) == [Self.minorProblem])
        #expect(
            try problems(.movement.with("movement.minors", nil).with("movement.people", nil)) == [
                Self.minorProblem
            ])
        #expect(try problems(.movement.with("movement.people", nil)) == [])
        #expect(try problems(.movement.with("movement.minors", 10)) == ["movement.minors: more than people"])
    }

    @Test("a suspect who may be under 18 needs restricted handling")
    func suspectAge() throws {
        #expect(try problems(.suspect.with("suspect.ageRange", nil)) == [Self.minorProblem])
        #expect(
            try problems(.suspect.with("suspect.ageRange", ["min": 17, "max": 30])) == [Self.minorProblem])
        #expect(try problems(.suspect.with("suspect.ageRange", ["min": 18, "max": 18])) == [])
        #expect(
            try problems(.suspect.with("suspect.ageRange", ["min": 30, "max": 29]))
                == ["suspect.ageRange.max: less than min"])
        #expect(
            try problems(.suspect.with("suspect.ageRange", ["min": 30])) == ["suspect.ageRange.max: missing"])
    }

    @Test("a suspect's fields keep their rules")
    func suspect() throws {
        #expect(
            try problems(.suspect.with("suspect.nationality", "kh"))
                == ["suspect.nationality: not a country's code of two capital letters, such as KH"])
        #expect(
            try problems(
                .suspect.with("suspect.documents", [["type": "passport", "country": "KHM", "number": "n 1"]]))
                == [
                    "suspect.documents[0].country: not a country's code of two capital letters, such as KH",
                    "suspect.documents[0].number: not 1 to 24 capital letters, digits, - or /",
                ])
        #expect(
            try problems(.suspect.with("suspect.aliases", ["ok", String(repeating: "a", count: 81)]))
                == ["suspect.aliases[1]: 81 characters, at most 80"])
        #expect(
            try problems(.suspect.with("suspect.aliases", [String](repeating: "a", count: 11)))
                == ["suspect.aliases: 11 entries, at most 10"])
        #expect(
            try problems(.suspect.with("suspect.marks", String(repeating: "a", count: 401)))
                == ["suspect.marks: 401 characters, at most 400"])
    }

    @Test(
        "plates of the countries around are taken",
        arguments: ["2AB-1234", "1กข 1234", "70A-123.45", "ភ្នំពេញ 2A-1234", "ກຂ 1234"])
    func plates(plate: String) throws {
        #expect(try problems(.movement.with("movement.vehicle.plate", plate)) == [])
    }

    @Test(
        "a plate can't carry a telephone number or anything else",
        arguments: [
            ("012345678", "9 digits, at most 8"), ("2A/1234", "not letters, digits, spaces, - and ."),
            ("", "not letters, digits, spaces, - and ."), ("12345678901234567", "17 characters, at most 16"),
        ])
    func badPlates(plate: String, rule: String) throws {
        #expect(
            try problems(.movement.with("movement.vehicle.plate", plate)) == [
                "movement.vehicle.plate: \(rule)"
            ])
    }

    @Test("nobody is seen after the alert was sent")
    func lastSeen() throws {
        #expect(try problems(.movement.with("movement.lastSeen.time", "2026-11-24T06:30:00+07:00")) == [])
        #expect(
            try problems(.movement.with("movement.lastSeen.time", "2026-11-24T06:30:01+07:00"))
                == ["movement.lastSeen.time: later than sent"])
    }
}
