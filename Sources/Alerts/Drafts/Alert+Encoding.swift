import FoundationEssentials

extension Alert {
    /// The alert as JSON: keys sorted, slashes as they are, times with Cambodia's offset, what is absent left out.
    /// Only a post writes alerts, and only once; everyone after it keeps the bytes.
    public func encoded() throws(InvalidAlert) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(Written(alert: self)))
        } catch {
            throw .whole("it can't be written as JSON")
        }
    }
}

private typealias Fields = KeyedEncodingContainer<FieldKey>

/// Keeps the way that alerts are written out of their public face.
private struct Written: Encodable {
    let alert: Alert

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: FieldKey.self)
        try fields.put("id", alert.id.description)
        try fields.put("sender", alert.sender)
        try fields.put("sent", alert.sent.rfc3339())
        try fields.put("status", alert.status.rawValue)
        try fields.put("msgType", alert.messageType.rawValue)
        try fields.put("references", alert.references.map(\.description))
        try fields.put("resolution", alert.resolution?.rawValue)
        try fields.put("kind", alert.kind.rawValue)
        try fields.put("urgency", alert.urgency.rawValue)
        try fields.put("severity", alert.severity.rawValue)
        try fields.put("certainty", alert.certainty.rawValue)
        try fields.put("expires", alert.expires.rfc3339())
        try fields.put("handling", alert.handling.rawValue)
        try fields.put("provinces", alert.provinces)
        try fields.put("crossing", alert.crossing)
        try fields.put("headline", alert.headline)
        try fields.put("description", alert.description)
        try fields.put("note", alert.note)
        if let suspect = alert.suspect {
            var section = fields.nestedContainer(keyedBy: FieldKey.self, forKey: "suspect")
            try section.put(suspect)
        }
        if let movement = alert.movement {
            var section = fields.nestedContainer(keyedBy: FieldKey.self, forKey: "movement")
            try section.put(movement)
        }
        if let sighting = alert.sighting {
            var section = fields.nestedContainer(keyedBy: FieldKey.self, forKey: "sighting")
            try section.put(sighting)
        }
        if !alert.atRisk.isEmpty {
            var list = fields.nestedUnkeyedContainer(forKey: "atRisk")
            for person in alert.atRisk {
                var section = list.nestedContainer(keyedBy: FieldKey.self)
                try section.put(person)
            }
        }
    }
}

extension Fields {
    fileprivate mutating func put(_ field: FieldKey, _ text: String?) throws {
        try encodeIfPresent(text, forKey: field)
    }

    fileprivate mutating func put(_ field: FieldKey, _ number: Int?) throws {
        try encodeIfPresent(number, forKey: field)
    }

    fileprivate mutating func put(_ field: FieldKey, _ list: [String]) throws {
        if !list.isEmpty { try encode(list, forKey: field) }
    }

    fileprivate mutating func put(_ field: FieldKey, _ text: Text?) throws {
        guard let text else { return }
        var languages = nestedContainer(keyedBy: FieldKey.self, forKey: field)
        try languages.put("km", text.km)
        try languages.put("en", text.en)
    }

    fileprivate mutating func put(_ field: FieldKey, _ vehicle: Vehicle?) throws {
        guard let vehicle else { return }
        var section = nestedContainer(keyedBy: FieldKey.self, forKey: field)
        try section.put("type", vehicle.type.rawValue)
        try section.put("plate", vehicle.plate)
        try section.put("colour", vehicle.colour)
        try section.put("make", vehicle.make)
    }

    fileprivate mutating func put(_ suspect: Suspect) throws {
        try put("role", suspect.role.rawValue)
        try put("aliases", suspect.aliases)
        try put("sex", suspect.sex?.rawValue)
        if let ageRange = suspect.ageRange {
            var ages = nestedContainer(keyedBy: FieldKey.self, forKey: "ageRange")
            try ages.put("min", ageRange.min)
            try ages.put("max", ageRange.max)
        }
        try put("nationality", suspect.nationality)
        if !suspect.documents.isEmpty {
            var list = nestedUnkeyedContainer(forKey: "documents")
            for document in suspect.documents {
                var section = list.nestedContainer(keyedBy: FieldKey.self)
                try section.put("type", document.type.rawValue)
                try section.put("country", document.country)
                try section.put("number", document.number)
            }
        }
        try put("marks", suspect.marks)
        try put("vehicle", suspect.vehicle)
    }

    fileprivate mutating func put(_ movement: Movement) throws {
        try put("mode", movement.mode.rawValue)
        try put("direction", movement.direction.rawValue)
        try put("from", movement.from)
        try put("towards", movement.towards)
        try put("vehicle", movement.vehicle)
        try put("people", movement.people)
        try put("minors", movement.minors)
        if let lastSeen = movement.lastSeen {
            var section = nestedContainer(keyedBy: FieldKey.self, forKey: "lastSeen")
            try section.put("time", lastSeen.time.rfc3339())
            try section.put("place", lastSeen.place)
        }
    }

    fileprivate mutating func put(_ sighting: Sighting) throws {
        try put("of", sighting.of.description)
        try put("outcome", sighting.outcome.rawValue)
        try put("identifiers", sighting.identifiers.map(\.rawValue))
        try put("time", sighting.time.rfc3339())
        try put("place", sighting.place)
        try put("mode", sighting.mode?.rawValue)
        try put("direction", sighting.direction?.rawValue)
        try put("towards", sighting.towards)
        try put("vehicle", sighting.vehicle)
        try put("people", sighting.people)
        try put("minors", sighting.minors)
        try put("action", sighting.action?.rawValue)
        if sighting.share { try encode(true, forKey: "share") }
    }

    fileprivate mutating func put(_ person: PersonAtRisk) throws {
        try put("role", person.role.rawValue)
        try put("reference", person.reference)
        try put("ageBand", person.ageBand.rawValue)
        try put("sex", person.sex.rawValue)
        try put("languageNeed", person.languageNeed)
        try put("count", person.count)
    }
}
