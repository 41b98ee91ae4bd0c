internal import Alerts

/// What an alert says in members of its own, as parameters. One that is absent is left out.
extension CAPDocument {
    private static let hour: Int64 = 3_600_000

    static func parameters(of alert: Alert, _ detail: Detail) -> [Pair] {
        var list = ParameterList(isFull: detail == .full)
        list.put("crossing", alert.crossing)
        list.put("resolution", alert.resolution?.rawValue)
        if let suspect = alert.suspect { list.put(suspect) }
        if let movement = alert.movement { list.put(movement) }
        if let sighting = alert.sighting { list.put(sighting) }
        for person in alert.atRisk { list.put(person) }
        return list.pairs
    }

    private struct ParameterList {
        let isFull: Bool
        private(set) var pairs: [Pair] = []

        init(isFull: Bool) { self.isFull = isFull }

        mutating func put(_ name: String, _ value: String?) {
            guard let value else { return }
            pairs.append(Pair(CAPProfile.prefix + name, value))
        }

        private mutating func put(_ name: String, _ number: Int?) { put(name, number.map(String.init)) }

        /// A time of observation.
        private mutating func put(_ name: String, _ time: Timestamp?) {
            guard let time else { return }
            let whole =
                time.milliseconds - (time.milliseconds % CAPDocument.hour + CAPDocument.hour)
                % CAPDocument.hour
            put(name, (isFull ? time : Timestamp(milliseconds: whole)).rfc3339())
        }

        /// A place's name, nearer than province and crossing.
        private mutating func put(place name: String, _ text: String?) {
            if isFull { put(name, text) }
        }

        private mutating func put(_ name: String, _ vehicle: Vehicle?) {
            guard let vehicle else { return }
            put("\(name).type", vehicle.type.rawValue)
            put("\(name).plate", vehicle.plate)
            put("\(name).colour", vehicle.colour)
            put("\(name).make", vehicle.make)
        }

        mutating func put(_ suspect: Suspect) {
            put("suspect.role", suspect.role.rawValue)
            for alias in suspect.aliases { put("suspect.aliases", alias) }
            put("suspect.sex", suspect.sex?.rawValue)
            put("suspect.ageRange", suspect.ageRange.map { "\($0.min)-\($0.max)" })
            put("suspect.nationality", suspect.nationality)
            for document in suspect.documents {
                put(
                    "suspect.documents", "\(document.type.rawValue):\(document.country):\(document.number)")
            }
            put("suspect.marks", suspect.marks)
            put("suspect.vehicle", suspect.vehicle)
        }

        mutating func put(_ movement: Movement) {
            put("movement.mode", movement.mode.rawValue)
            put("movement.direction", movement.direction.rawValue)
            put(place: "movement.from", movement.from)
            put(place: "movement.towards", movement.towards)
            put("movement.vehicle", movement.vehicle)
            put("movement.people", movement.people)
            put("movement.minors", movement.minors)
            put("movement.lastSeen.time", movement.lastSeen?.time)
            put(place: "movement.lastSeen.place", movement.lastSeen?.place)
        }

        mutating func put(_ sighting: Sighting) {
            put("sighting.of", CAPProfile.identifier(of: sighting.of))
            put("sighting.outcome", sighting.outcome.rawValue)
            for identifier in sighting.identifiers { put("sighting.identifiers", identifier.rawValue) }
            put("sighting.time", sighting.time)
            put(place: "sighting.place", sighting.place)
            put("sighting.mode", sighting.mode?.rawValue)
            put("sighting.direction", sighting.direction?.rawValue)
            put(place: "sighting.towards", sighting.towards)
            put("sighting.vehicle", sighting.vehicle)
            put("sighting.people", sighting.people)
            put("sighting.minors", sighting.minors)
            put("sighting.action", sighting.action?.rawValue)
            if sighting.share { put("sighting.share", "true") }
        }

        /// Role, reference, ages, sex, how many, the language that an interpreter is needed for.
        mutating func put(_ person: PersonAtRisk) {
            let parts = [
                person.role.rawValue, isFull ? person.reference : "", person.ageBand.rawValue,
                person.sex.rawValue, String(person.count), person.languageNeed ?? "",
            ]
            put("atRisk", parts.joined(separator: ":"))
        }
    }
}
