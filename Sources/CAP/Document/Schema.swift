/// The schema of CAP 1.2 (`cap12.xsd` of OASIS) as values: which elements stand in which order, and what each holds.
enum Schema {
    indirect enum Content: Sendable {
        /// xs:string: any text, kept as it is.
        case text
        /// One of these words, and nothing around it.
        case words([String])
        case time
        case language
        case uri
        case integer
        case decimal
        case elements([Particle])
    }

    struct Particle: Sendable {
        let name: String
        let isRequired: Bool
        let repeats: Bool
        let content: Content

        init(_ name: String, _ content: Content, required: Bool = false, repeats: Bool = false) {
            self.name = name
            self.content = content
            isRequired = required
            self.repeats = repeats
        }
    }

    private static let pair: Content = .elements([
        Particle("valueName", .text, required: true), Particle("value", .text, required: true),
    ])

    private static let resource: Content = .elements([
        Particle("resourceDesc", .text, required: true), Particle("mimeType", .text, required: true),
        Particle("size", .integer), Particle("uri", .uri), Particle("derefUri", .text),
        Particle("digest", .text),
    ])

    private static let area: Content = .elements([
        Particle("areaDesc", .text, required: true), Particle("polygon", .text, repeats: true),
        Particle("circle", .text, repeats: true), Particle("geocode", pair, repeats: true),
        Particle("altitude", .decimal), Particle("ceiling", .decimal),
    ])

    private static let info: Content = .elements([
        Particle("language", .language),
        Particle(
            "category",
            .words([
                "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra",
                "CBRNE", "Other",
            ]), required: true, repeats: true),
        Particle("event", .text, required: true),
        Particle(
            "responseType",
            .words([
                "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None",
            ]), repeats: true),
        Particle(
            "urgency", .words(["Immediate", "Expected", "Future", "Past", "Unknown"]), required: true),
        Particle(
            "severity", .words(["Extreme", "Severe", "Moderate", "Minor", "Unknown"]), required: true),
        Particle(
            "certainty", .words(["Observed", "Likely", "Possible", "Unlikely", "Unknown"]), required: true),
        Particle("audience", .text), Particle("eventCode", pair, repeats: true), Particle("effective", .time),
        Particle("onset", .time), Particle("expires", .time), Particle("senderName", .text),
        Particle("headline", .text), Particle("description", .text), Particle("instruction", .text),
        Particle("web", .uri), Particle("contact", .text), Particle("parameter", pair, repeats: true),
        Particle("resource", resource, repeats: true), Particle("area", area, repeats: true),
    ])

    static let alert: [Particle] = [
        Particle("identifier", .text, required: true), Particle("sender", .text, required: true),
        Particle("sent", .time, required: true),
        Particle("status", .words(["Actual", "Exercise", "System", "Test", "Draft"]), required: true),
        Particle("msgType", .words(["Alert", "Update", "Cancel", "Ack", "Error"]), required: true),
        Particle("source", .text),
        Particle("scope", .words(["Public", "Restricted", "Private"]), required: true),
        Particle("restriction", .text), Particle("addresses", .text), Particle("code", .text, repeats: true),
        Particle("note", .text), Particle("references", .text), Particle("incidents", .text),
        Particle("info", info, repeats: true),
    ]
}
