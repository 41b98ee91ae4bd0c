public import Alerts
internal import Identity
internal import Settings

/// What an officer reads at a glance: when, how grave, what, where; then the words; then the details. An exercise or a
/// test says so in its first line and in every line's margin, in words, since colours may be missing.
public struct TextFormat: AlertFormat {
    private let provinces: ProvinceDirectory
    private let style: Style

    public init(_ provinces: ProvinceDirectory, colours: Bool) {
        self.provinces = provinces
        style = Style(isOn: colours)
    }

    public var opening: [UInt8] { [] }

    public func bytes(of read: ReadAlert) -> [UInt8] {
        guard !read.isErased else {
            let line =
                "#\(read.streamed.offset) \(read.streamed.topic) by \(read.post), received "
                + "\(moment(read.streamed.received)): erased, its time is over"
            return Array((line + "\n\n").utf8)
        }
        guard let alert = read.alert else {
            let line =
                "#\(read.streamed.offset) \(read.streamed.topic) by \(read.post): this program can't read it; update it"
            return Array((line + "\n\n").utf8)
        }
        let margin = margin(alert.status)
        let lines = [first(read, alert)] + words(alert) + details(alert) + [last(read, alert)]
        return Array((lines.map { margin + $0 }.joined(separator: "\n") + "\n\n").utf8)
    }

    private func margin(_ status: Status) -> String {
        switch status {
        case .actual: ""
        case .exercise: style.inverse("EXERCISE") + " "
        case .test: style.inverse("TEST") + " "
        }
    }

    private func first(_ read: ReadAlert, _ alert: Alert) -> String {
        var parts = [moment(alert.sent), severity(alert.severity), alert.kind.rawValue.uppercased()]
        switch alert.messageType {
        case .alert: break
        case .update: parts.append(style.bold("UPDATE"))
        case .cancel: parts.append(style.bold("CANCELLED"))
        }
        parts.append(style.bold(alert.provinces.map(name).joined(separator: " > ")))
        if let crossing = alert.crossing { parts.append("at \(printable(crossing))") }
        return parts.joined(separator: "  ")
    }

    private func words(_ alert: Alert) -> [String] {
        let texts = [alert.headline.km, alert.headline.en, alert.description?.km, alert.description?.en]
        return texts.compactMap { $0 }.flatMap { text in
            text.split(whereSeparator: \.isNewline).map { "  " + printable(String($0)) }
        }
    }

    private func details(_ alert: Alert) -> [String] {
        var lines: [String] = []
        if let suspect = alert.suspect { lines += self.suspect(suspect) }
        if let movement = alert.movement { lines += self.movement(movement) }
        for person in alert.atRisk {
            var parts = [
                "\(person.count) \(person.role.rawValue)", "age \(person.ageBand.rawValue)",
                person.sex.rawValue,
            ]
            if let language = person.languageNeed { parts.append("speaks \(language)") }
            lines.append("  at risk: " + parts.joined(separator: ", ") + " (\(person.reference))")
        }
        if !alert.references.isEmpty {
            lines.append("  refers to " + alert.references.map(\.description).joined(separator: ", "))
        }
        return lines
    }

    private func suspect(_ suspect: Suspect) -> [String] {
        var parts = [suspect.role.rawValue]
        if let sex = suspect.sex { parts.append(sex.rawValue) }
        if let age = suspect.ageRange {
            parts.append(age.min == age.max ? "\(age.min)" : "\(age.min)-\(age.max)")
        }
        if let nationality = suspect.nationality { parts.append(nationality) }
        if !suspect.aliases.isEmpty {
            parts.append("called " + suspect.aliases.map(printable).joined(separator: ", "))
        }
        var lines = ["  suspect: " + parts.joined(separator: ", ")]
        for document in suspect.documents {
            lines.append("  document: \(document.type.rawValue) \(document.country) \(document.number)")
        }
        if let marks = suspect.marks { lines.append("  marks: " + printable(marks)) }
        if let vehicle = suspect.vehicle { lines.append("  vehicle: " + self.vehicle(vehicle)) }
        return lines
    }

    private func movement(_ movement: Movement) -> [String] {
        var parts = ["by \(movement.mode.rawValue)", "direction \(movement.direction.rawValue)"]
        if let from = movement.from { parts.append("from " + printable(from)) }
        if let towards = movement.towards { parts.append("towards " + printable(towards)) }
        if let people = movement.people {
            let minors = movement.minors.map { "\($0) of them seem to be minors" } ?? "minors unknown"
            parts.append("\(people) people, \(minors)")
        }
        var lines = ["  movement: " + parts.joined(separator: ", ")]
        if let vehicle = movement.vehicle { lines.append("  vehicle: " + self.vehicle(vehicle)) }
        if let seen = movement.lastSeen {
            lines.append("  last seen \(moment(seen.time))" + (seen.place.map { " " + printable($0) } ?? ""))
        }
        return lines
    }

    private func vehicle(_ vehicle: Vehicle) -> String {
        [vehicle.colour, vehicle.make, vehicle.type.rawValue, vehicle.plate].compactMap { $0 }.map(printable)
            .joined(separator: " ")
    }

    private func last(_ read: ReadAlert, _ alert: Alert) -> String {
        let check =
            switch read.check {
            case .valid: "signed by \(read.post)"
            case .invalid: style.red("SIGNATURE OF \(read.post) DOES NOT VERIFY")
            case .unknown: "no key of \(read.post) here to check its signature"
            }
        return style.dim(
            "  \(alert.handling.rawValue), until \(moment(alert.expires)), #\(read.streamed.offset), id \(alert.id), "
        )
            + check
    }

    private func name(_ code: String) -> String {
        provinces.province(code: code)?.english ?? code
    }

    private func severity(_ severity: Severity) -> String {
        let text = severity.rawValue.uppercased()
        return switch severity {
        case .extreme, .severe: style.red(text)
        case .moderate: style.yellow(text)
        case .minor, .unknown: text
        }
    }

    /// `24 Nov 06:30`, Cambodia's time.
    private func moment(_ time: Timestamp) -> String {
        let text = time.rfc3339()
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }
}

/// Select Graphic Rendition (ECMA-48), or nothing.
struct Style {
    let isOn: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func inverse(_ text: String) -> String { wrap(text, "7") }
    func red(_ text: String) -> String { wrap(text, "1;31") }
    func yellow(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
