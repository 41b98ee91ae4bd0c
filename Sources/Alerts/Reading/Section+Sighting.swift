internal import JSON

extension Section {
    /// - sent: when the message was sent, which is not before what it tells of.
    mutating func sighting(sent: Timestamp?) -> Sighting? {
        let of = alertID("of")
        let outcome = word("outcome", Sighting.Outcome.self, required: true)
        let identifiers = words("identifiers", Sighting.Identifier.self)
        if let outcome, outcome.isHit { checkRecognition(identifiers) }
        let time = timestamp("time", required: true)
        if let time, let sent, time > sent { report("time", "later than sent") }
        let place = freeText("place", atMost: Alert.Limits.place)
        let mode = word("mode", Movement.Mode.self)
        let direction = word("direction", Movement.Direction.self)
        let towards = freeText("towards", atMost: Alert.Limits.place)
        let vehicle = vehicle()
        let (people, minors) = counts()
        let action = word("action", Sighting.Action.self)
        let share = truth("share") ?? false
        end()
        guard let of, let outcome, let time else { return nil }
        return Sighting(
            of: of, outcome: outcome, identifiers: identifiers, time: time, place: place, mode: mode,
            direction: direction, towards: towards, vehicle: vehicle, people: people, minors: minors,
            action: action, share: share)
    }

    /// A name that matches is no hit: it needs something beside it.
    private func checkRecognition(_ identifiers: [Sighting.Identifier]) {
        if identifiers.isEmpty {
            report("identifiers", "empty; say by what it was recognised")
        } else if identifiers == [.name] {
            report("identifiers", "a name alone, which many people share; something else must agree with it")
        }
    }

    private mutating func alertID(_ field: String) -> AlertID? {
        guard let text = string(field, required: true) else { return nil }
        if let id = AlertID(text) { return id }
        report(field, "not a UUID of version 7 in lower case")
        return nil
    }
}
