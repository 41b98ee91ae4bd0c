internal import JSON

extension Alert {
    /// The alert as JSON: keys sorted, slashes as they are, times with Cambodia's offset, what is absent left out.
    /// Only a post writes alerts, and only once; everyone after it keeps the bytes.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.put(self) }
        return writer.bytes
    }
}

/// Members are put in the order of their names.
extension JSONWriter {
    fileprivate mutating func put(_ alert: Alert) {
        put("atRisk", alert.atRisk) { writer, person in writer.object { $0.put(person) } }
        put("certainty", alert.certainty.rawValue)
        put("crossing", alert.crossing)
        put("description", alert.description)
        put("expires", alert.expires.rfc3339())
        put("handling", alert.handling.rawValue)
        put("headline", alert.headline)
        put("id", alert.id.description)
        put("kind", alert.kind.rawValue)
        if let movement = alert.movement { put("movement") { $0.put(movement) } }
        put("msgType", alert.messageType.rawValue)
        put("note", alert.note)
        put("provinces", alert.provinces)
        put("references", alert.references.map(\.description))
        put("resolution", alert.resolution?.rawValue)
        put("sender", alert.sender)
        put("sent", alert.sent.rfc3339())
        put("severity", alert.severity.rawValue)
        if let sighting = alert.sighting { put("sighting") { $0.put(sighting) } }
        if let source = alert.source {
            put("source") { section in
                section.put("digest", source.digest)
                section.put("sender", source.sender)
            }
        }
        put("status", alert.status.rawValue)
        if let suspect = alert.suspect { put("suspect") { $0.put(suspect) } }
        put("urgency", alert.urgency.rawValue)
    }

    private mutating func put(_ name: StaticString, _ text: Text?) {
        guard let text else { return }
        put(name) { languages in
            languages.put("en", text.en)
            languages.put("km", text.km)
        }
    }

    private mutating func put(_ vehicle: Vehicle?) {
        guard let vehicle else { return }
        put("vehicle") { section in
            section.put("colour", vehicle.colour)
            section.put("make", vehicle.make)
            section.put("plate", vehicle.plate)
            section.put("type", vehicle.type.rawValue)
        }
    }

    private mutating func put(_ suspect: Suspect) {
        if let ageRange = suspect.ageRange {
            put("ageRange") { ages in
                ages.put("max", ageRange.max)
                ages.put("min", ageRange.min)
            }
        }
        put("aliases", suspect.aliases)
        put("documents", suspect.documents) { writer, document in
            writer.object { section in
                section.put("country", document.country)
                section.put("number", document.number)
                section.put("type", document.type.rawValue)
            }
        }
        put("marks", suspect.marks)
        put("nationality", suspect.nationality)
        put("role", suspect.role.rawValue)
        put("sex", suspect.sex?.rawValue)
        put(suspect.vehicle)
    }

    private mutating func put(_ movement: Movement) {
        put("direction", movement.direction.rawValue)
        put("from", movement.from)
        if let lastSeen = movement.lastSeen {
            put("lastSeen") { section in
                section.put("place", lastSeen.place)
                section.put("time", lastSeen.time.rfc3339())
            }
        }
        put("minors", movement.minors)
        put("mode", movement.mode.rawValue)
        put("people", movement.people)
        put("towards", movement.towards)
        put(movement.vehicle)
    }

    private mutating func put(_ sighting: Sighting) {
        put("action", sighting.action?.rawValue)
        put("direction", sighting.direction?.rawValue)
        put("identifiers", sighting.identifiers.map(\.rawValue))
        put("minors", sighting.minors)
        put("mode", sighting.mode?.rawValue)
        put("of", sighting.of.description)
        put("outcome", sighting.outcome.rawValue)
        put("people", sighting.people)
        put("place", sighting.place)
        if sighting.share { put("share", true) }
        put("time", sighting.time.rfc3339())
        put("towards", sighting.towards)
        put(sighting.vehicle)
    }

    private mutating func put(_ person: PersonAtRisk) {
        put("ageBand", person.ageBand.rawValue)
        put("count", person.count)
        put("languageNeed", person.languageNeed)
        put("reference", person.reference)
        put("role", person.role.rawValue)
        put("sex", person.sex.rawValue)
    }
}
