internal import JSON

extension Alert {
    /// Reads an alert and checks every rule of it. What comes back is within all of ``Limits``.
    ///
    /// Whatever the bytes, it ends with an alert or with problems.
    /// - screened: whether texts, plates, numbers and references are searched for what must not be in them. Who lets an alert
    ///   in does (a post, a hub). A reader doesn't: what was let in is shown, whatever a newer version would find in it.
    public static func decode(
        _ payload: [UInt8], provinces: ProvinceDirectory, screened: Bool = true
    ) throws(InvalidAlert) -> Alert {
        try read(payload, provinces: provinces, draft: nil, screened: screened)
    }

    /// Whether a payload is a JSON text at all, of whatever schema.
    public static func isJSON(_ payload: [UInt8]) -> Bool { (try? JSONDocument(payload)) != nil }

    static func read(
        _ payload: [UInt8], provinces: ProvinceDirectory, draft: DraftDefaults?, screened: Bool = true
    ) throws(InvalidAlert) -> Alert {
        guard payload.count <= Limits.payload else {
            throw .whole("\(payload.count) bytes, at most \(Limits.payload)")
        }
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONDocument(payload).root
        } catch {
            throw .whole(error.reason)
        }
        guard root.isObject else { throw .whole("not a JSON object") }
        let findings = Findings(screens: screened, places: provinces, newReference: draft?.reference)
        let reading = AlertReading(
            root, ReadingContext(provinces: provinces, draft: draft, findings: findings))
        guard let alert = reading.alert else { throw InvalidAlert(findings.problems) }
        return alert
    }
}

extension InvalidAlert {
    /// A problem of the alert as a whole.
    static func whole(_ rule: String) -> InvalidAlert {
        InvalidAlert([Problem(path: "alert", rule: rule)])
    }
}
