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
        // What comes over the wire is not searched for its fault.
        let root = try document(payload) { $0.reason }
        // A draft may be written for people; what a post signs is one line, so that it can be passed on as one.
        guard isCompact(payload) else {
            throw .whole("must be one line of JSON with no white space between its parts but single spaces")
        }
        return try read(root, provinces: provinces, draft: nil, screened: screened)
    }

    /// Whether a payload is a JSON text at all, of whatever schema.
    public static func isJSON(_ payload: [UInt8]) -> Bool { (try? JSONDocument(payload)) != nil }

    /// Whether a JSON text has no white space outside of its strings but single spaces, and none around it. Padding would cost
    /// every disk and every reader, and say nothing.
    static func isCompact(_ payload: [UInt8]) -> Bool {
        isPlainlyCompact(payload) || isCompactThroughout(payload)
    }

    /// Whether nowhere, in a string or not, stands more than a single space: so of nearly all alerts, and soon seen.
    private static func isPlainlyCompact(_ payload: [UInt8]) -> Bool {
        guard let first = payload.first, let last = payload.last, first > 0x20, last > 0x20 else {
            return false
        }
        return payload.withUnsafeBytes { bytes in
            let isPlain = EightBytes.each(of: bytes, from: 1) { here, place in
                !here.hasAny(below: 0x20) && !here.hasCommon(0x20, with: EightBytes(bytes, at: place - 1))
            }
            return isPlain ?? false
        }
    }

    private static func isCompactThroughout(_ payload: [UInt8]) -> Bool {
        var isString = false
        var isEscaped = false
        // As if a space stood before it: none may begin it.
        var isSpace = true
        for byte in payload {
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: " "):
                guard !isSpace else { return false }
                isSpace = true
            case 0x09, 0x0A, 0x0D: return false
            default:
                isSpace = false
                isString = byte == UInt8(ascii: "\"")
            }
        }
        return !isSpace
    }

    /// - problem: what is said of a text that is no JSON.
    static func document(
        _ payload: [UInt8], problem: (JSONError) -> String
    ) throws(InvalidAlert) -> JSONValue {
        guard payload.count <= Limits.payload else {
            throw .whole("\(payload.count) bytes, at most \(Limits.payload)")
        }
        do throws(JSONError) { return try JSONDocument(payload, values: Limits.values).root } catch {
            throw .whole(problem(error))
        }
    }

    /// - draft: what fills in what is missing; nil: nothing may be.
    static func read(
        _ root: JSONValue, provinces: ProvinceDirectory, draft: DraftDefaults?, screened: Bool
    ) throws(InvalidAlert) -> Alert {
        guard root.isObject else { throw .whole("not a JSON object") }
        let findings = Findings(screens: screened, places: provinces, newReference: draft?.reference)
        let reading = AlertReading(
            root, ReadingContext(provinces: provinces, draft: draft, findings: findings))
        guard let alert = reading.alert else { throw InvalidAlert(findings.problems, count: findings.count) }
        return alert
    }
}

extension InvalidAlert {
    /// A problem of the alert as a whole.
    static func whole(_ rule: String) -> InvalidAlert {
        InvalidAlert([Problem(path: "alert", rule: rule)], count: 1)
    }
}
