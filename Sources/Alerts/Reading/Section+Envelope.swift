internal import JSON

/// The envelope's fields that need more than their own value.
extension Section {
    mutating func id(_ draft: DraftDefaults?) -> AlertID? {
        if let draft, !has("id") { return draft.id }
        guard let text = string("id", required: true) else { return nil }
        if let id = AlertID(text) { return id }
        report("id", "not a UUID of version 7 in lower case")
        return nil
    }

    /// An id tells when it was made, which must agree with `sent`: so no one post can choose where in the order of ids, by
    /// which all hubs and programs find alerts, its own ones go. The id that a draft gets is of the time that the draft names.
    mutating func dated(_ id: AlertID?, _ sent: Timestamp?, _ draft: DraftDefaults?) -> AlertID? {
        guard let id, let sent else { return id }
        if draft != nil, !has("id") { return has("sent") ? id.made(at: sent) : id }
        let (age, overflow) = sent.milliseconds.subtractingReportingOverflow(id.time.milliseconds)
        if overflow || age > Alert.Limits.idBefore {
            report("id", "made more than a day before sent")
        } else if age < -Alert.Limits.idAfter {
            report("id", "made more than a minute after sent")
        }
        return id
    }

    mutating func sender(_ draft: DraftDefaults?) -> String? {
        if let draft, !has("sender") { return draft.sender }
        let limit = Alert.Limits.sender
        let sender = code("sender", length: 1...limit, "1 to \(limit) of a-z, 0-9 and -", required: true) {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
        }
        if let sender, let draft, sender != draft.sender {
            report("sender", "another than this post, which is \(draft.sender)")
        }
        return sender
    }

    mutating func sent(_ draft: DraftDefaults?) -> Timestamp? {
        if let draft, !has("sent") { return draft.now }
        guard let sent = timestamp("sent", required: true) else { return nil }
        if let draft {
            let (ahead, overflow) = sent.milliseconds.subtractingReportingOverflow(draft.now.milliseconds)
            if overflow ? sent > draft.now : ahead > Alert.Limits.ahead {
                report("sent", "more than a day after this post's clock")
            }
        }
        return sent
    }

    mutating func references(_ messageType: MessageType, _ own: AlertID?) -> [AlertID] {
        let texts = strings("references", atMost: Alert.Limits.references) ?? []
        if messageType == .alert {
            if !texts.isEmpty { report("references", "only where msgType is Update, Cancel or Ack") }
        } else if texts.isEmpty {
            report("references", "empty, but msgType is \(messageType.rawValue)")
        } else if messageType == .ack, texts.count > 1 {
            report("references", "\(texts.count) entries, but an Ack is of one alert")
        }
        var references: [AlertID] = []
        for (index, text) in texts.prefix(Alert.Limits.references).enumerated() {
            let field = "references[\(index)]"
            guard let id = AlertID(text) else {
                report(field, "not a UUID of version 7 in lower case")
                continue
            }
            if id == own { report(field, "the alert's own id") }
            if references.contains(id) { report(field, "given twice") }
            references.append(id)
        }
        return references
    }

    /// Reports members that have no place in a message of this type and kind. What has none yet is reported as missing.
    func checkMembers(of messageType: MessageType?, _ kind: Kind?) {
        if let kind {
            for other in Kind.allCases where other != kind && has(other.rawValue) {
                report(other.rawValue, "only where kind is \(other.rawValue)")
            }
        }
        if kind == .sighting, messageType == .cancel, has("sighting") {
            report("sighting", "not where msgType is Cancel")
        }
        if messageType != .cancel, has("resolution") {
            report("resolution", "only where msgType is Cancel")
        }
        guard messageType == .ack else {
            if has("note") { report("note", "only where msgType is Ack") }
            return
        }
        let others = ["headline", "description", "crossing", "atRisk"] + (kind.map { [$0.rawValue] } ?? [])
        for member in others where has(member) {
            report(member, "not where msgType is Ack, which takes a note")
        }
    }

    mutating func expires(_ sent: Timestamp?, _ draft: DraftDefaults?) -> Timestamp? {
        let expires: Timestamp
        if draft != nil, !has("expires") {
            guard let sent else { return nil }
            let (end, overflow) = sent.milliseconds.addingReportingOverflow(AlertDraft.life)
            expires = overflow ? sent : Timestamp(milliseconds: end)
        } else {
            guard let given = timestamp("expires", required: true) else { return nil }
            expires = given
        }
        guard let sent else { return expires }
        let (life, overflow) = expires.milliseconds.subtractingReportingOverflow(sent.milliseconds)
        if expires <= sent {
            report("expires", "not later than sent")
        } else if overflow || life > Alert.Limits.life {
            report("expires", "more than a year after sent")
        } else if let draft, expires <= draft.now {
            report("expires", "already past")
        }
        return expires
    }

    mutating func handling(_ draft: DraftDefaults?) -> Handling? {
        if draft != nil, !has("handling") { return .amberStrict }
        return word("handling", Handling.self, required: true) { text in
            guard text == "TLP:CLEAR" || text == "TLP:WHITE" else { return nil }
            return "\(text) would let anyone see it; an alert is never for everyone"
        }
    }

    /// - draft: names are turned into codes; else only codes will do.
    mutating func provinces(_ directory: ProvinceDirectory, _ draft: DraftDefaults?) -> [String] {
        let most = Alert.Limits.provinces
        let fallback = has("provinces") ? nil : draft?.province.map { [$0] }
        guard let names = fallback ?? strings("provinces", atMost: most, required: true) else { return [] }
        if names.isEmpty { report("provinces", "empty, at least the origin is needed") }
        var codes: [String] = []
        for (index, name) in names.prefix(most).enumerated() {
            // The path is only put together where there is something to say.
            var field: String { "provinces[\(index)]" }
            guard let province = draft != nil ? directory.find(name) : directory.province(code: name) else {
                report(
                    field,
                    draft != nil ? Section.unknown(name, directory) : "not the code of a province known here")
                continue
            }
            if codes.contains(province.code) { report(field, "\(province.code) is given twice") }
            codes.append(province.code)
        }
        return codes
    }

    /// - draft: one that none of the provinces has is a mistake. Of others' alerts any name will do: their lists may be newer.
    mutating func crossing(
        _ provinces: [String], _ directory: ProvinceDirectory, _ draft: DraftDefaults?
    ) -> String? {
        guard let name = freeText("crossing", atMost: Alert.Limits.crossing) else { return nil }
        let others = draft == nil ? [] : directory.crossings(unlike: name, of: provinces)
        if !others.isEmpty {
            report(
                "crossing",
                "none of the alert's provinces has one called so; the nearest are "
                    + others.prefix(3).map(\.name).joined(separator: ", ")
                    + "; another place belongs in the description")
        }
        return name
    }

    private static func unknown(_ name: String, _ directory: ProvinceDirectory) -> String {
        "no province is called so; the nearest are "
            + directory.nearest(name).map(\.english).joined(separator: ", ")
    }
}
