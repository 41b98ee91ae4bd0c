import FoundationEssentials

extension Alert {
    /// Reads an alert and checks every rule of it. What comes back is within all of ``Limits``.
    ///
    /// Takes about as long as decoding the JSON does; whatever the bytes, it ends with an alert or with problems.
    public static func decode(
        _ payload: [UInt8], provinces: ProvinceDirectory
    ) throws(InvalidAlert) -> Alert {
        try read(payload, provinces: provinces, draft: nil)
    }

    static func read(
        _ payload: [UInt8], provinces: ProvinceDirectory, draft: DraftDefaults?
    ) throws(InvalidAlert) -> Alert {
        guard payload.count <= Limits.payload else {
            throw .whole("\(payload.count) bytes, at most \(Limits.payload)")
        }
        let structure = try JSONStructure(payload)
        let data = Data(payload)
        var findings = Findings(lookingForUnknown: false)
        let alert = try read(data, ReadingContext(provinces: provinces, draft: draft, findings: findings))
        if let alert, findings.taken == structure.fields { return alert }
        // Something is wrong. Once more, to name the unknown fields too.
        findings = Findings(lookingForUnknown: true)
        _ = try read(data, ReadingContext(provinces: provinces, draft: draft, findings: findings))
        guard findings.problems.isEmpty else { throw InvalidAlert(findings.problems) }
        // The decoder keeps one of two fields of a name. Two readers could take a different one: nobody gets either.
        throw .whole("a field is given twice in one object")
    }

    private static func read(_ data: Data, _ context: ReadingContext) throws(InvalidAlert) -> Alert? {
        do {
            return try JSONDecoder().decode(AlertReading.self, from: data, configuration: context).alert
        } catch DecodingError.typeMismatch, DecodingError.valueNotFound {
            throw .whole("not a JSON object")
        } catch {
            // The decoder's own words may quote the alert, and don't say where.
            throw .whole("not JSON")
        }
    }
}

extension InvalidAlert {
    /// A problem of the alert as a whole.
    static func whole(_ rule: String) -> InvalidAlert {
        InvalidAlert([Problem(path: "alert", rule: rule)])
    }
}
