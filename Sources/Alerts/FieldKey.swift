/// The name of a JSON field where Codable reads or writes it.
struct FieldKey: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        return nil
    }

    init(stringLiteral value: String) {
        stringValue = value
    }
}

extension FieldKey {
    /// Every field of an alert, in whatever section.
    static let all: Set<String> = [
        "id", "sender", "sent", "status", "msgType", "references", "resolution", "kind", "urgency",
        "severity", "certainty",
        "expires", "handling", "provinces", "crossing", "headline", "description", "suspect", "movement",
        "atRisk",
        "note", "sighting", "of", "outcome", "identifiers", "action", "share", "km", "en", "role", "aliases",
        "sex",
        "ageRange", "min", "max", "nationality", "documents", "type",
        "country", "number", "marks", "vehicle", "plate", "colour", "make", "mode", "direction", "from",
        "towards",
        "people", "minors", "lastSeen", "time", "place", "reference", "ageBand", "languageNeed", "count",
        "source",
        "digest",
    ]
    /// Fields that people try, and that there are not.
    static let refused: Set<String> = [
        "name", "names", "surname", "alias", "document", "passport", "phone", "telephone", "email", "address",
        "photo", "photograph", "image", "picture", "dateOfBirth", "age", "sealed",
    ]
}
