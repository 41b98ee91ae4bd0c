import Alerts
import Foundation
import Testing

@Suite("Alert")
struct AlertTests {
    @Test("a complete movement alert is read, field for field")
    func movement() throws {
        let alert = try decoded(
            .movement.with("atRisk", [Sample.personAtRisk]).with(
                "description", ["km": "រថយន្តសរសេរ\nពីរបន្ទាត់", "en": "Two\nlines"]))
        #expect(alert.id.description == "01a20abe-b4c0-7abc-8def-0123456789ab")
        #expect(alert.sender == "koh-kong")
        #expect(alert.sent == Timestamp(milliseconds: 1_795_476_600_000))
        #expect(alert.expires == Timestamp(milliseconds: 1_795_563_000_000))
        #expect((alert.status, alert.messageType, alert.kind) == (.actual, .alert, .movement))
        #expect((alert.urgency, alert.severity, alert.certainty) == (.immediate, .severe, .likely))
        #expect(alert.handling == .amber)
        #expect(alert.provinces == ["KH-9", "TH-23"])
        #expect(alert.crossing == "Cham Yeam")
        #expect(alert.headline?.en == "White van towards Cham Yeam")
        #expect(alert.headline?.km == nil)
        #expect(alert.description?.km == "រថយន្តសរសេរ\nពីរបន្ទាត់")
        let movement = try #require(alert.movement)
        #expect((movement.mode, movement.direction) == (.road, .leaving))
        #expect((movement.from, movement.towards) == ("Sre Ambel", "Hat Lek"))
        #expect((movement.people, movement.minors) == (9, 0))
        #expect(movement.vehicle?.type == .van)
        #expect((movement.vehicle?.plate, movement.vehicle?.colour) == ("2AB-1234", "white"))
        #expect(movement.lastSeen?.time == Timestamp(milliseconds: 1_795_475_400_000))
        #expect(movement.lastSeen?.place == "Andoung Tuek")
        let person = try #require(alert.atRisk.first)
        #expect((person.role, person.reference, person.ageBand) == (.possibleVictim, "R-HRQ21SR9PD", .from18))
        #expect((person.sex, person.count) == (.female, 1))
    }

    @Test("a complete suspect alert is read, field for field")
    func suspect() throws {
        let suspect = try #require(try decoded(.suspect).suspect)
        #expect((suspect.role, suspect.sex, suspect.nationality) == (.recruiter, .male, "KH"))
        #expect(suspect.aliases == ["Ta Mao"])
        #expect((suspect.ageRange?.min, suspect.ageRange?.max) == (35, 45))
        #expect((suspect.documents.first?.type, suspect.documents.first?.number) == (.passport, "N0000001"))
        #expect(suspect.documents.first?.country == "KH")
        #expect(suspect.marks == "scar on the left hand")
        #expect(suspect.vehicle?.type == .motorcycle)
    }

    @Test("an alert is on one topic for each province concerned, the origin's first")
    func topics() throws {
        let alert = try decoded(.suspect.with("provinces", ["KH-14", "VN-45", "KH-12"]))
        #expect(
            alert.topics(in: try Reference.provinces()).map(\.name) == [
                "kh.prey-veng.suspect.", "vn.dong-thap.suspect.", "kh.phnom-penh.suspect.",
            ])
    }

    @Test(
        "every field that is needed is missed by name",
        arguments: [
            "id", "sender", "sent", "status", "msgType", "kind", "urgency", "severity", "certainty",
            "expires",
            "handling", "provinces", "headline", "movement", "movement.mode", "movement.direction",
            "movement.vehicle.type", "movement.lastSeen.time",
        ])
    func missing(path: String) throws {
        #expect(try problems(.movement.with(path, nil)).contains("\(path): missing"))
        #expect(try problems(.movement.with(path, NSNull())).contains { $0.hasPrefix("\(path): not ") })
    }

    @Test(
        "a field of another type is refused by name",
        arguments: [
            ("id", 7), ("sent", 1.5), ("provinces", "KH-9"), ("headline", "plain"), ("movement", "plain"),
            ("movement.people", "9"), ("movement.people", 2.5), ("movement.people", true),
            ("movement.from", 1),
            ("movement.vehicle", "van"), ("atRisk", ["count": 1] as [String: Int]), ("references", 1),
            ("headline.en", 5), ("movement.people", 1e300),
        ] as [(String, any Sendable)])
    func wrongType(path: String, value: any Sendable) throws {
        let found = try problems(.movement.with(path, value))
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("\(path): not ") == true)
    }

    @Test("an element of another type is refused")
    func wrongElement() throws {
        #expect(
            try problems(.movement.with("provinces", ["KH-9", 5] as [Any])) == [
                "provinces: not a list of texts"
            ])
        #expect(try problems(.movement.with("atRisk", [5])) == ["atRisk[0]: not an object"])
    }

    @Test(
        "an unknown field is refused by path, at every depth",
        arguments: [
            "victimName", "movement.driver", "movement.vehicle.owner", "movement.lastSeen.gps", "headline.th",
        ])
    func unknown(path: String) throws {
        let place = (path.split(separator: ".").dropLast().map(String.init) + ["?"]).joined(separator: ".")
        #expect(try problems(.movement.with(path, "x")) == ["\(place): unknown field"])
    }

    @Test(
        "a known field behind many unknown ones is known, and not given twice",
        arguments: [0, 1, 63, 64, 65, 200])
    func behindMany(unknown: Int) throws {
        let sample = String(decoding: try Sample.movement.bytes.dropFirst(), as: UTF8.self)
        let many = (0..<unknown).map { "\"x\($0)\":1," }.joined()
        let named = min(unknown, Alert.Limits.problems)
        let found = try problems(Array("{\(many)\(sample)".utf8))
        #expect(found.count(where: { $0.hasSuffix("unknown field") }) == named)
        #expect(
            found.dropFirst(named) == (unknown > named ? ["alert: \(unknown - named) more problems"] : []))
        let twice = try problems(Array("{\"kind\":\"movement\",\(many)\(sample)".utf8))
        #expect(twice.count == found.count + (unknown < named + 1 ? 1 : 0))
        #expect(unknown > 50 || twice.first == "kind: given twice")
    }

    @Test(
        "unknown fields of lists' entries are refused by index, and a name that may say too much isn't repeated"
    )
    func unknownInLists() throws {
        var person = Sample.personAtRisk
        person["name"] = "Invented"
        #expect(
            try problems(.movement.with("atRisk", [Sample.personAtRisk, person])) == [
                "atRisk[1].name: unknown field"
            ])
        #expect(try problems(.movement.with("Sok Invented", 1)) == ["?: unknown field"])
        #expect(try problems(.movement.with(String(repeating: "x", count: 41), 1)) == ["?: unknown field"])
    }

    @Test("all problems are given at once, each in one line")
    func allAtOnce() throws {
        let sample = Sample.movement.with("severity", "Sever").with("sender", nil).with("movement.people", 0)
            .with("movement.vehicle.plate", String(repeating: "A", count: 41)).with("extra", 1)
            .with("expires", "2026-11-24T06:30:00+07:00")
        #expect(
            try problems(sample) == [
                "sender: missing",
                "severity: not one of Extreme, Severe, Moderate, Minor, Unknown; did you mean Severe?",
                "expires: not later than sent",
                "movement.vehicle.plate: 41 characters, at most 16",
                "movement.people: not from 1 to 10000",
                "?: unknown field",
            ])
        let provinces = try Reference.provinces()
        let payload = try sample.bytes
        let error = #expect(throws: InvalidAlert.self) { try Alert.decode(payload, provinces: provinces) }
        #expect(error?.description.split(separator: "\n").count == 6)
    }

    @Test("of very many problems the first fifty are named and the rest is counted")
    func manyProblems() throws {
        var sample = Sample.movement
        for number in 0..<80 { sample["unknown\(number)"] = 1 }
        let found = try problems(sample)
        #expect(found.count == 51)
        #expect(found.last == "alert: 30 more problems")
    }

    @Test(
        "an alert of thousands of values is refused as a whole, and unknown fields by the hundred are counted, not named"
    )
    func manyValues() throws {
        let sample = String(decoding: try Sample.movement.bytes.dropFirst(), as: UTF8.self)
        let fields = (0..<5_000).map { "\"x\($0)\":1," }.joined()
        let bad = Array("{\(fields)\(sample)".utf8)
        #expect(bad.count < Alert.Limits.payload)
        #expect(try problems(bad) == ["alert: too many values"])
        let list = Array("{\"provinces\":[\((0..<30_000).map { _ in "1" }.joined(separator: ","))]}".utf8)
        #expect(try problems(list) == ["alert: too many values"])
        // The most that is read field by field.
        let most = (0..<950).map { "\"x\($0)\":1," }.joined()
        let worst = Array("{\(most)\(sample)".utf8)
        #expect(try problems(worst) == ["?: 950 fields unknown or given twice"])
    }

    @Test("a word that isn't in its list is not quoted, but the one that was perhaps meant is named")
    func words() throws {
        let list = "Immediate, Expected, Future, Past, Unknown"
        for (word, meant) in [
            ("soon", nil), ("past", "Past"), ("Imediate", "Immediate"), ("future.", "Future"),
            ("Sok Dara", nil),
            (String(repeating: "x", count: 10_000), nil), ("", nil),
        ] {
            #expect(
                try problems(.movement.with("urgency", word)) == [
                    "urgency: not one of \(list)" + (meant.map { "; did you mean \($0)?" } ?? "")
                ])
        }
    }

    @Test(
        "case counts in code words",
        arguments: ["status", "msgType", "kind", "urgency", "severity", "certainty"])
    func caseCounts(path: String) throws {
        let word = try #require(Sample.movement[path] as? String)
        let other = word == word.lowercased() ? word.uppercased() : word.lowercased()
        #expect(try problems(.movement.with(path, other)).contains { $0.hasPrefix("\(path): ") })
    }
}
