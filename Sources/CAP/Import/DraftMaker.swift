internal import Alerts
internal import JSON

/// Makes a draft of one document. Its problems and what it leaves out are gathered on the way.
struct DraftMaker {
    private let document: CAPDocument
    private let post: String
    private let provinces: ProvinceDirectory
    private(set) var findings = CAPFindings()
    private(set) var leftOut: [InvalidAlert.Problem] = []
    /// Written by these rules here: what the program puts into each document of its own need not be named.
    private let isOurs: Bool

    init(_ document: CAPDocument, post: String, provinces: ProvinceDirectory) {
        self.document = document
        self.post = post
        self.provinces = provinces
        isOurs =
            document.codes.contains(CAPProfile.code)
            && CAPProfile.alertID(of: document.identifier) != nil
    }

    mutating func leaveOut(_ path: String, _ rule: String) {
        guard leftOut.count < Alert.Limits.problems else { return }
        leftOut.append(InvalidAlert.Problem(path: path, rule: rule))
    }

    mutating func draft() -> [UInt8] {
        let type = messageType()
        let status = status()
        let texts = infos()
        guard let first = texts.first, let type else { return [] }
        let kind = kind(first)
        var parameters = ParameterReader(first.info, at: first.path)
        let crossing = parameters.one("crossing")
        let resolution = parameters.one("resolution")
        let sections = sections(&parameters, type, kind)
        let atRisk = people(&parameters)
        compare(texts)
        let codes = provinceCodes(first)
        let handling = handling()
        let references = references(type)
        let source = source()
        let note = type == .ack ? note(texts) : []
        let headline = type == .ack ? [] : pair(texts, \.headline)
        let description = type == .ack ? [] : pair(texts, \.description, lines: true)
        parameters.end(&findings)
        for problem in parameters.leftOut { leaveOut(problem.path, problem.rule) }
        nameLeftOut(texts, type)

        var writer = JSONWriter()
        writer.object { draft in
            draft.put("atRisk", atRisk) { writer, person in
                writer.object { person.put(into: &$0) }
            }
            draft.put("certainty", first.info.certainty)
            draft.put("crossing", crossing)
            draft.put("description", description)
            draft.put("expires", first.info.expires?.rfc3339())
            draft.put("handling", handling)
            draft.put("headline", headline)
            draft.put("id", CAPImport.id(of: document.reference, post: post).description)
            draft.put("kind", kind)
            draft.put("msgType", type.rawValue)
            draft.put("note", note)
            draft.put("provinces", codes)
            draft.put("references", references)
            draft.put("resolution", resolution)
            draft.put("sent", document.sent.rfc3339())
            draft.put("severity", first.info.severity)
            sections.put(into: &draft)
            if let source {
                draft.put("source") { section in
                    section.put("digest", source.digest)
                    section.put("sender", source.sender)
                }
            }
            draft.put("status", status)
            draft.put("urgency", first.info.urgency)
        }
        return writer.bytes
    }

    // MARK: The envelope

    private mutating func messageType() -> MessageType? {
        let type = MessageType(rawValue: document.messageType)
        if type == nil { findings.report("alert.msgType", "\(document.messageType): no alert is one") }
        return type
    }

    private mutating func status() -> String {
        let words = Status.allCases.map(\.rawValue)
        if !words.contains(document.status) {
            findings.report("alert.status", "not one of \(words.joined(separator: ", "))")
        }
        return document.status
    }

    private mutating func handling() -> String? {
        let labels = document.codes.enumerated().filter { $0.element.hasPrefix("TLP:") }
        if labels.count > 1 { findings.report("alert.code[\(labels[1].offset)]", "a second label of TLP") }
        return labels.first?.element
    }

    /// Alerts that the document refers to: of this house by their ids, others by the ids that this post gives them.
    private mutating func references(_ type: MessageType) -> [String] {
        guard type != .alert else { return [] }
        return document.references.map(id).map(\.description)
    }

    private func id(_ reference: CAPDocument.Reference) -> AlertID {
        CAPProfile.alertID(of: reference.identifier) ?? CAPImport.id(of: reference, post: post)
    }

    /// Of a message that is named by its identifier alone; nil where it is none of ours, and none that is referred to.
    func alertID(_ identifier: String) -> AlertID? {
        CAPProfile.alertID(of: identifier)
            ?? document.references.first { $0.identifier == identifier }.map(id)
    }

    private mutating func source() -> Source? {
        if let text = document.source {
            if let kept = Source(text: text) { return kept }
            leaveOut("alert.source", "whoever or whatever it names is not kept")
        }
        guard !isOurs else { return nil }
        guard let source = CAPImport.source(of: document.reference) else {
            findings.report(
                "alert.sender",
                "its domain is no name that can be kept: 1 to \(Source.longestSender) of a-z, 0-9, -, . and :"
            )
            return nil
        }
        return source
    }

    // MARK: What is said

    struct Spoken {
        var language: String
        var info: CAPDocument.Info
        var path: String
    }

    private mutating func infos() -> [Spoken] {
        var spoken: [Spoken] = []
        for (index, info) in document.infos.enumerated() {
            let path = "alert.info[\(index)]"
            let language = primary(info.language)
            guard CAPProfile.languages.contains(where: { $0.code == language }) else {
                leaveOut(path, "neither in Khmer nor in English")
                continue
            }
            if spoken.contains(where: { $0.language == language }) {
                findings.report(path, "a second one in \(language); an alert has one text in each language")
                continue
            }
            spoken.append(Spoken(language: language, info: info, path: path))
        }
        if spoken.isEmpty { findings.report("alert.info", "missing in Khmer and in English") }
        return spoken
    }

    /// What is no text must be the same in both languages.
    private mutating func compare(_ texts: [Spoken]) {
        guard texts.count > 1 else { return }
        let (first, second) = (texts[0].info, texts[1].info)
        let path = texts[1].path
        let differences: [(String, Bool)] = [
            ("urgency", first.urgency != second.urgency), ("severity", first.severity != second.severity),
            ("certainty", first.certainty != second.certainty), ("expires", first.expires != second.expires),
            ("eventCode", first.eventCodes != second.eventCodes),
            ("parameter", ParameterReader.own(first) != ParameterReader.own(second)),
            ("area", first.areas.map(\.geocodes) != second.areas.map(\.geocodes)),
        ]
        for (name, differs) in differences where differs {
            findings.report("\(path).\(name)", "another than in \(texts[0].path)")
        }
    }

    private mutating func kind(_ spoken: Spoken) -> String? {
        let codes = spoken.info.eventCodes.filter { $0.name == CAPProfile.kind }
        guard codes.count == 1, Kind(rawValue: codes[0].value) != nil else {
            let words = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            findings.report(
                "\(spoken.path).eventCode", "one with valueName \(CAPProfile.kind) is needed: \(words)")
            return nil
        }
        return codes[0].value
    }

    private mutating func provinceCodes(_ spoken: Spoken) -> [String] {
        var codes: [String] = []
        for (index, area) in spoken.info.areas.enumerated() {
            let path = "\(spoken.path).area[\(index)]"
            let geocodes = area.geocodes.filter { $0.name == CAPProfile.subdivision }
            if geocodes.isEmpty {
                guard let province = provinces.find(collapsed(area.description)) else {
                    findings.report(
                        "\(path).geocode",
                        "none of \(CAPProfile.subdivision), and no province is called as areaDesc says")
                    continue
                }
                codes.append(province.code)
            }
            for geocode in geocodes {
                guard let province = provinces.province(code: geocode.value) else {
                    findings.report("\(path).geocode", "not the code of a province known here")
                    continue
                }
                codes.append(province.code)
            }
        }
        if spoken.info.areas.isEmpty {
            findings.report("\(spoken.path).area", "missing; an alert names a province")
        }
        // Several areas may lie in one province.
        return codes.enumerated().filter { codes.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    }

    private func pair(
        _ texts: [Spoken], _ text: KeyPath<CAPDocument.Info, String?>, lines: Bool = false
    ) -> [(language: String, text: String)] {
        texts.compactMap { spoken in
            spoken.info[keyPath: text].map { (spoken.language, DraftMaker.text($0, lines: lines)) }
        }
    }

    private func note(_ texts: [Spoken]) -> [(language: String, text: String)] {
        let said = pair(texts, \.description, lines: true)
        guard said.isEmpty, let note = document.note else { return said }
        let isKhmer = note.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) }
        return [(isKhmer ? "km" : "en", DraftMaker.text(note, lines: true))]
    }

    /// Line ends as alerts have them; what has one line in an alert may be broken and indented in a document.
    private static func text(_ text: String, lines: Bool) -> String {
        let bytes = text.utf8
        if !lines {
            let isBroken = bytes.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
            return isBroken ? collapsed(text) : text
        }
        guard bytes.contains(where: { $0 == 0x0D || $0 == 0x09 }) else { return text }
        let plain = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return plain.replacing("\t", with: " ")
    }

    // MARK: What there is no place for

    private mutating func nameLeftOut(_ texts: [Spoken], _ type: MessageType) {
        for (index, code) in document.codes.enumerated()
        where !code.hasPrefix("TLP:") && code != CAPProfile.code && code != CAPProfile.minimised {
            leaveOut("alert.code[\(index)]", "no code that is known here")
        }
        if document.note != nil, type != .ack { leaveOut("alert.note", "only an acknowledgement has one") }
        if !isOurs {
            if document.restriction != nil { leaveOut("alert.restriction", "handling is by code alone") }
            if document.addresses != nil { leaveOut("alert.addresses", "who reads an alert is granted here") }
            if document.incidents != nil { leaveOut("alert.incidents", "an alert has none") }
            if type == .alert, !document.references.isEmpty {
                leaveOut("alert.references", "an alert that is new refers to none")
            }
        }
        for spoken in texts {
            let info = spoken.info
            for (name, isThere) in [
                ("audience", info.audience != nil), ("effective", info.effective != nil),
                ("onset", info.onset != nil), ("instruction", info.instruction != nil),
                ("web", info.web != nil), ("contact", info.contact != nil),
                ("resource", !info.resources.isEmpty),
            ] where isThere {
                leaveOut("\(spoken.path).\(name)", "an alert has no place for it")
            }
            for (index, code) in info.eventCodes.enumerated() where code.name != CAPProfile.kind {
                leaveOut("\(spoken.path).eventCode[\(index)]", "no code that is known here")
            }
            for (index, area) in info.areas.enumerated() {
                let path = "\(spoken.path).area[\(index)]"
                for (name, isThere) in [
                    ("polygon", !area.polygons.isEmpty), ("circle", !area.circles.isEmpty),
                    ("altitude", area.altitude != nil), ("ceiling", area.ceiling != nil),
                    ("geocode", area.geocodes.contains { $0.name != CAPProfile.subdivision }),
                ] where isThere {
                    leaveOut("\(path).\(name)", "an alert names provinces and a crossing alone")
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func put(_ name: StaticString, _ texts: [(language: String, text: String)]) {
        guard !texts.isEmpty else { return }
        put(name) { languages in
            for one in texts where one.language == "en" { languages.put("en", one.text) }
            for one in texts where one.language == "km" { languages.put("km", one.text) }
        }
    }
}
