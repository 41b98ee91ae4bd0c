public import Alerts

extension CAPDocument {
    /// What a document needs beside its alert.
    public struct Context: Sendable {
        /// Under which the senders are known elsewhere.
        public var domain: String
        public var provinces: ProvinceDirectory
        public var detail: Detail
        /// For whom it is, by the settings' name.
        public var destination: String

        public init(domain: String, provinces: ProvinceDirectory, detail: Detail, destination: String) {
            self.domain = domain
            self.provinces = provinces
            self.detail = detail
            self.destination = destination
        }
    }

    /// An alert as a document.
    /// - references: of all that ``CAPDocument/referred(to:)`` names, looked up.
    public init(_ alert: Alert, references: [Reference], _ context: Context) {
        self.init()
        identifier = CAPProfile.identifier(of: alert.id)
        sender = CAPProfile.sender(alert.sender, domain: context.domain)
        sent = alert.sent
        status = alert.status.rawValue
        messageType = alert.messageType.rawValue
        source = alert.source?.text
        scope = "Restricted"
        restriction = CAPDocument.restriction(alert.handling, context.destination)
        codes = [CAPProfile.code, alert.handling.rawValue]
        if context.detail == .minimal { codes.append(CAPProfile.minimised) }
        note = alert.note.map { [$0.km, $0.en].compactMap { $0 }.joined(separator: "\n") }
        self.references = references
        incidents = CAPDocument.incidents(alert)
        let parameters = CAPDocument.parameters(of: alert, context.detail)
        infos = CAPProfile.languages.map { language, text in
            CAPDocument.info(alert, language, text, parameters, context)
        }
    }

    /// The word of the hub's operator on alerts of others: a Cancel, without anything of what they said.
    /// - references: of those that have left, not empty.
    public init(_ notice: HubNotice, status: Status, references: [Reference], _ context: Context) {
        self.init()
        identifier = CAPProfile.identifier(of: notice.id)
        sender = CAPProfile.sender(notice.sender, domain: context.domain)
        sent = notice.sent
        self.status = status.rawValue
        messageType = MessageType.cancel.rawValue
        scope = "Restricted"
        restriction = "For \(context.destination)."
        codes = [CAPProfile.code]
        note = [notice.reason.km, notice.reason.en].compactMap { $0 }.joined(separator: "\n")
        self.references = references
    }

    /// Which alerts a document of this one refers to. An Update of a sighting does not refer to the alert that it answers: at the
    /// receiver it would take its place.
    public static func referred(by alert: Alert) -> [AlertID] {
        if let sighting = alert.sighting, alert.messageType == .alert { return [sighting.of] }
        return alert.references
    }

    private static func restriction(_ handling: Handling, _ destination: String) -> String {
        let limit =
            switch handling {
            case .red: "for the eyes of who receives it alone"
            case .amberStrict: "not beyond that organisation"
            case .amber: "not beyond that organisation and those whom it serves"
            case .green: "not beyond the community, and on no public channel"
            }
        return "\(handling.rawValue). For \(destination), \(limit)."
    }

    /// What messages on one matter have in common: the id of the alert that began it, as far as this one names it.
    private static func incidents(_ alert: Alert) -> String {
        let subjects = alert.sighting.map { [$0.of] } ?? alert.references
        return (subjects.isEmpty ? [alert.id] : subjects).map { CAPProfile.identifier(of: $0) }.joined(
            separator: " ")
    }

    private static func info(
        _ alert: Alert, _ language: String, _ text: KeyPath<Text, String?>, _ parameters: [Pair],
        _ context: Context
    ) -> Info {
        var info = Info()
        info.language = language
        info.categories = ["Security"] + (isTraffic(alert) ? ["Transport"] : [])
        info.event = event(alert, language)
        info.responseTypes = responseTypes(alert)
        info.urgency = alert.urgency.rawValue
        info.severity = alert.severity.rawValue
        info.certainty = alert.certainty.rawValue
        info.eventCodes = [Pair(CAPProfile.kind, alert.kind.rawValue)]
        info.expires = alert.expires
        info.senderName = alert.sender
        info.headline = alert.headline?[keyPath: text]
        // An acknowledgement has no description, and CAP's note no language.
        info.description = (alert.messageType == .ack ? alert.note : alert.description)?[keyPath: text]
        info.parameters = parameters
        info.areas = alert.provinces.map { code in
            var area = Area()
            let province = context.provinces.province(code: code)
            area.description =
                (language == "km" ? province?.khmer : nil) ?? province?.english ?? code
            area.geocodes = [Pair(CAPProfile.subdivision, code)]
            return area
        }
        return info
    }

    private static func isTraffic(_ alert: Alert) -> Bool {
        alert.movement != nil || alert.suspect?.vehicle != nil || alert.sighting?.vehicle != nil
    }

    private static func event(_ alert: Alert, _ language: String) -> String {
        let isKhmer = language == "km"
        if alert.messageType == .ack { return isKhmer ? "ការទទួលយកការជូនដំណឹង" : "Acknowledgement of an alert" }
        return switch alert.kind {
        case .suspect: isKhmer ? "ជនសង្ស័យជួញដូរមនុស្ស" : "Suspect of trafficking in persons"
        case .movement: isKhmer ? "ចលនាសង្ស័យជួញដូរមនុស្ស" : "Movement suspected of trafficking in persons"
        case .sighting: isKhmer ? "ការប្រទះឃើញ" : "Sighting on an alert of trafficking in persons"
        }
    }

    private static func responseTypes(_ alert: Alert) -> [String] {
        if alert.resolution == .safe { return ["AllClear"] }
        return switch alert.sighting?.action {
        case .discreet, .locate: ["Monitor"]
        case .inquiry: ["Assess"]
        case .specific: ["Execute"]
        case .protect: ["Shelter"]
        case .inform: ["Assess"]
        case nil: alert.messageType == .alert || alert.messageType == .update ? ["Assess"] : ["None"]
        }
    }
}
