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
        #expect(found.count == 1 && found.first?.hasPrefix("atRisk[0].") == true)
        #expect(found.first?.hasSuffix(": unknown field") == true)
        #expect(
            try problems(.movement.with("movement.\(field)", "Invented")).first?.hasPrefix("movement.")
                == true)
        #expect(!found.joined().contains("Invented"))
    }

    @Test(
        "a reference that the program did not make is refused: made up, mistyped, exchanged, in other letters",
        arguments: [
            "", "R-", "R-SOKDARA14PREKLEAP", "R-7K2M", "R-abcd", "SOK", "R-SOK DARA", "R-កខគឃ",
            "R-HRQ21SR9PC",
            "R-HRQ12SR9PD", "R-hrq21sr9pd", "R-HRQ21SR9P", "R-HRQ21SR9PDD", "HRQ21SR9PD", "R-SKDR14PRKL",
        ])
    func reference(text: String) throws {
        var person = Sample.personAtRisk
        person["reference"] = text
        #expect(
            try problems(.movement.with("atRisk", [person]))
                == [
                    "atRisk[0].reference: not one that borderwire-post has made; leave it out for a new one, or give again "
                        + "what publishing told"
                ])
    }

    @Test(
        "a reference that is made is taken, is unlike the others, and has no vowel; any wrong character in it is found"
    )
    func madeReferences() throws {
        let made = (0..<200).map { _ in PersonReference.make() }
        #expect(Set(made).count == made.count)
        var person = Sample.personAtRisk
        for reference in made.prefix(20) {
            person["reference"] = reference
            #expect(try problems(.movement.with("atRisk", [person])) == [])
            #expect(!reference.contains { "AEIOUY".contains($0) })
            for place in 2..<reference.count {
                var letters = Array(reference)
                letters[place] = letters[place] == "7" ? "8" : "7"
                person["reference"] = String(letters)
                #expect(try !problems(.movement.with("atRisk", [person])).isEmpty)
            }
        }
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
        for number in ["SOKDARA14", "DARASOK1234", "N123"] {
            #expect(
                try problems(
                    .suspect.with(
                        "suspect.documents", [["type": "passport", "country": "KH", "number": number]]))
                    == [
                        "suspect.documents[0].number: not a document's number, with 4 digits at least and 6 letters at most"
                    ])
        }
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
        arguments: [
            "2AB-1234", "1กข 1234", "70A-123.45", "ភ្នំពេញ 2A-1234", "ກຂ 1234", "KK-0005", "KG-12345-TS", "กก 1",
        ])
    func plates(plate: String) throws {
        #expect(try problems(.movement.with("movement.vehicle.plate", plate)) == [])
    }

    @Test(
        "a plate can't carry a telephone number or anything else",
        arguments: [
            ("012345678", "9 digits, at most 8"), ("2A/1234", "not letters, digits, spaces, - and ."),
            ("", "not letters, digits, spaces, - and ."), ("12345678901234567", "17 characters, at most 16"),
            ("SOK DARA", "not a plate's, with digits and at most 3 letters, or 5 with as many digits"),
            ("DARA 14", "not a plate's, with digits and at most 3 letters, or 5 with as many digits"),
            ("សុខ ដារ៉ា", "not a plate's, with digits and at most 3 letters, or 5 with as many digits"),
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
