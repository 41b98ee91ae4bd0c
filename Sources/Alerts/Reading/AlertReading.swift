internal import JSON

/// What a reading needs beside the bytes.
struct ReadingContext {
    let provinces: ProvinceDirectory
    /// nil for an alert that must be complete.
    let draft: DraftDefaults?
    let findings: Findings
}

/// What fills the gaps of a draft.
struct DraftDefaults {
    let sender: String
    let now: Timestamp
    let id: AlertID
    /// Any name of the province that an alert concerns which names none; nil: each has to.
    let province: String?
    /// Makes a reference for a person at risk.
    let reference: () -> String
}

/// One alert, read from JSON. ``alert`` is nil when a problem was found.
struct AlertReading {
    let alert: Alert?

    /// - root: an object.
    init(_ root: JSONValue, _ context: ReadingContext) {
        let findings = context.findings
        var envelope = Section(root, "", findings)
        let draft = context.draft

        let givenID = envelope.id(draft)
        let sender = envelope.sender(draft)
        let sent = envelope.sent(draft)
        let id = envelope.dated(givenID, sent, draft)
        let status = envelope.word("status", Status.self, required: draft == nil) ?? .actual
        let messageType = envelope.word("msgType", MessageType.self, required: draft == nil)
        let references = envelope.references(messageType ?? .alert, id)
        let resolution = envelope.word("resolution", Resolution.self)
        let kind = envelope.word("kind", Kind.self, required: true)
        let urgency = envelope.word("urgency", Urgency.self, required: draft == nil) ?? .unknown
        let severity = envelope.word("severity", Severity.self, required: draft == nil) ?? .unknown
        let certainty = envelope.word("certainty", Certainty.self, required: draft == nil) ?? .unknown
        let expires = envelope.expires(sent, draft)
        let handling = envelope.handling(draft)
        let provinces = envelope.provinces(context.provinces, draft)
        let crossing = envelope.crossing(provinces, context.provinces, draft)
        let isAck = messageType == .ack
        let headline = envelope.text(
            "headline", atMost: Alert.Limits.headline, required: !isAck && kind != .sighting,
            draft: draft != nil)
        let description = envelope.text(
            "description", atMost: Alert.Limits.description, lines: true, draft: draft != nil)
        let note = envelope.text(
            "note", atMost: Alert.Limits.note, lines: true, draft: draft != nil)
        let needed = messageType == .cancel || isAck ? nil : kind
        let suspect = envelope.section("suspect", required: needed == .suspect).flatMap { section in
            var section = section
            return section.suspect()
        }
        let movement = envelope.section("movement", required: needed == .movement).flatMap { section in
            var section = section
            return section.movement(sent: sent)
        }
        let sighting = envelope.section("sighting", required: needed == .sighting).flatMap { section in
            var section = section
            return section.sighting(sent: sent)
        }
        envelope.checkMembers(of: messageType, kind)
        let atRisk = (envelope.sections("atRisk", atMost: Alert.Limits.atRisk) ?? []).compactMap { section in
            var section = section
            return section.personAtRisk()
        }
        let source = envelope.source()
        envelope.end()

        guard findings.count == 0, let id, let sender, let sent, let kind, let expires, let handling,
            headline != nil || isAck || kind == .sighting
        else {
            alert = nil
            return
        }
        let read = Alert(
            id: id, sender: sender, sent: sent, status: status, messageType: messageType ?? .alert,
            references: references, resolution: resolution, kind: kind, urgency: urgency, severity: severity,
            certainty: certainty,
            expires: expires, handling: handling, provinces: provinces, crossing: crossing,
            headline: headline, description: description, note: note, suspect: suspect, movement: movement,
            sighting: sighting, atRisk: atRisk, source: source)
        if read.subjects.count > Alert.Limits.references {
            envelope.report(
                "references", "at most \(Alert.Limits.references - 1) beside the alert that it answers")
        }
        if read.mayConcernMinor, !handling.isRestricted {
            envelope.report(
                "handling",
                "\(handling.rawValue), but someone in it may be under 18 (an unknown age counts as a minor's); "
                    + "only \(Handling.red.rawValue) or \(Handling.amberStrict.rawValue)")
        }
        alert = findings.count == 0 ? read : nil
    }
}
