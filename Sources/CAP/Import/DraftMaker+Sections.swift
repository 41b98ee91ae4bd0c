internal import Alerts
internal import JSON

/// A draft's section about a suspect, a movement or a sighting, as far as the document has one.
struct DraftSections {
    var suspect: DraftSuspect?
    var movement: DraftMovement?
    var sighting: DraftSighting?

    func put(into draft: inout JSONWriter) {
        if let sighting { draft.put("sighting") { sighting.put(into: &$0) } }
        if let suspect { draft.put("suspect") { suspect.put(into: &$0) } }
        if let movement { draft.put("movement") { movement.put(into: &$0) } }
    }
}

struct DraftVehicle {
    var type: String?
    var plate: String?
    var colour: String?
    var make: String?

    init?(_ name: String, _ parameters: inout ParameterReader) {
        guard parameters.has(name) else { return nil }
        type = parameters.one("\(name).type")
        plate = parameters.one("\(name).plate")
        colour = parameters.one("\(name).colour")
        make = parameters.one("\(name).make")
    }

    func put(into section: inout JSONWriter) {
        section.put("colour", colour)
        section.put("make", make)
        section.put("plate", plate)
        section.put("type", type)
    }
}

struct DraftSuspect {
    var role: String?
    var aliases: [String]
    var sex: String?
    var ages: (min: Int, max: Int)?
    var nationality: String?
    var documents: [[String]]
    var marks: String?
    var vehicle: DraftVehicle?

    init(_ parameters: inout ParameterReader) {
        role = parameters.one("suspect.role")
        aliases = parameters.all("suspect.aliases")
        sex = parameters.one("suspect.sex")
        nationality = parameters.one("suspect.nationality")
        documents = parameters.all("suspect.documents").map {
            $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
        if documents.contains(where: { $0.count != 3 }) {
            parameters.report("suspect.documents", "not type:country:number")
            documents = []
        }
        marks = parameters.one("suspect.marks")
        vehicle = DraftVehicle("suspect.vehicle", &parameters)
        if let text = parameters.one("suspect.ageRange") {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            if parts.count == 2, let least = Int(parts[0]), let most = Int(parts[1]), least >= 0, most >= 0 {
                ages = (least, most)
            } else {
                parameters.report("suspect.ageRange", "not two numbers of years, such as 30-40")
            }
        }
    }

    func put(into section: inout JSONWriter) {
        if let ages {
            section.put("ageRange") { range in
                range.put("max", ages.max)
                range.put("min", ages.min)
            }
        }
        section.put("aliases", aliases)
        section.put("documents", documents) { writer, parts in
            writer.object { document in
                document.put("country", parts[1])
                document.put("number", parts[2])
                document.put("type", parts[0])
            }
        }
        section.put("marks", marks)
        section.put("nationality", nationality)
        section.put("role", role)
        section.put("sex", sex)
        if let vehicle { section.put("vehicle") { vehicle.put(into: &$0) } }
    }
}

struct DraftMovement {
    var mode: String?
    var direction: String?
    var from: String?
    var towards: String?
    var vehicle: DraftVehicle?
    var people: Int?
    var minors: Int?
    var seen: (time: String?, place: String?)?

    init(_ parameters: inout ParameterReader) {
        mode = parameters.one("movement.mode")
        direction = parameters.one("movement.direction")
        from = parameters.one("movement.from")
        towards = parameters.one("movement.towards")
        vehicle = DraftVehicle("movement.vehicle", &parameters)
        people = parameters.number("movement.people")
        minors = parameters.number("movement.minors")
        if parameters.has("movement.lastSeen") {
            seen = (parameters.one("movement.lastSeen.time"), parameters.one("movement.lastSeen.place"))
        }
    }

    func put(into section: inout JSONWriter) {
        section.put("direction", direction)
        section.put("from", from)
        if let seen {
            section.put("lastSeen") { last in
                last.put("place", seen.place)
                last.put("time", seen.time)
            }
        }
        section.put("minors", minors)
        section.put("mode", mode)
        section.put("people", people)
        section.put("towards", towards)
        if let vehicle { section.put("vehicle") { vehicle.put(into: &$0) } }
    }
}

struct DraftSighting {
    var of: AlertID?
    var outcome: String?
    var identifiers: [String]
    var time: String?
    var place: String?
    var mode: String?
    var direction: String?
    var towards: String?
    var vehicle: DraftVehicle?
    var people: Int?
    var minors: Int?
    var action: String?
    var share: String?

    /// - id: of what the document calls so.
    init(_ parameters: inout ParameterReader, _ id: (String) -> AlertID?) {
        of = parameters.one("sighting.of").flatMap(id)
        if of == nil {
            parameters.report("sighting.of", "missing, or none of those in alert.references")
        }
        outcome = parameters.one("sighting.outcome")
        identifiers = parameters.all("sighting.identifiers")
        time = parameters.one("sighting.time")
        place = parameters.one("sighting.place")
        mode = parameters.one("sighting.mode")
        direction = parameters.one("sighting.direction")
        towards = parameters.one("sighting.towards")
        vehicle = DraftVehicle("sighting.vehicle", &parameters)
        people = parameters.number("sighting.people")
        minors = parameters.number("sighting.minors")
        action = parameters.one("sighting.action")
        share = parameters.one("sighting.share")
        if let share, share != "true" { parameters.report("sighting.share", "not true") }
    }

    func put(into section: inout JSONWriter) {
        section.put("action", action)
        section.put("direction", direction)
        section.put("identifiers", identifiers)
        section.put("minors", minors)
        section.put("mode", mode)
        section.put("of", of?.description)
        section.put("outcome", outcome)
        section.put("people", people)
        section.put("place", place)
        if share != nil { section.put("share", true) }
        section.put("time", time)
        section.put("towards", towards)
        if let vehicle { section.put("vehicle") { vehicle.put(into: &$0) } }
    }
}

struct DraftPerson {
    /// Role, reference, ages, sex, how many, language.
    var parts: [String]

    func put(into section: inout JSONWriter) {
        func given(_ place: Int) -> String? { parts[place].isEmpty ? nil : parts[place] }
        section.put("ageBand", given(2))
        section.put("count", Int(parts[4]))
        section.put("languageNeed", given(5))
        section.put("reference", given(1))
        section.put("role", given(0))
        section.put("sex", given(3))
    }
}

extension DraftMaker {
    /// What the kind needs, and whatever else the document has: that is refused with the draft.
    func sections(
        _ parameters: inout ParameterReader, _ type: MessageType, _ kind: String?
    ) -> DraftSections {
        var sections = DraftSections()
        let isNeeded = type == .alert || type == .update
        if parameters.has("suspect") || isNeeded && kind == Kind.suspect.rawValue {
            sections.suspect = DraftSuspect(&parameters)
        }
        if parameters.has("movement") || isNeeded && kind == Kind.movement.rawValue {
            sections.movement = DraftMovement(&parameters)
        }
        if parameters.has("sighting") || isNeeded && kind == Kind.sighting.rawValue {
            sections.sighting = DraftSighting(&parameters, alertID)
        }
        return sections
    }

    func people(_ parameters: inout ParameterReader) -> [DraftPerson] {
        let people = parameters.all("atRisk").map {
            DraftPerson(parts: $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init))
        }
        guard people.contains(where: { $0.parts.count != 6 || Int($0.parts[4]) == nil }) else {
            return people
        }
        parameters.report("atRisk", "not role:reference:ages:sex:count:language")
        return []
    }
}
