public import Alerts
internal import Identity
internal import LogProof
internal import Platform
public import Printable
internal import Settings
internal import Wire

/// What an officer reads at a glance: when, how grave, what, where; then the words; then the details. An exercise or a
/// test says so in its first line and in every line's margin, in words, since colours may be missing.
///
/// Lines are broken before the terminal's edge, so that each has its margin (``Layout``). What the post's officer wrote
/// stands behind a bar or in quotation marks: no alert can speak with the program's voice.
public struct TextFormat: AlertFormat {
    private let provinces: ProvinceDirectory
    private let style: Style
    private let width: ColumnWidth
    private let columns: @Sendable () -> Int

    /// - columns: of the terminal, asked for each alert, since a window may change.
    public init(
        _ provinces: ProvinceDirectory, colours: Bool, width: ColumnWidth = ColumnWidth(),
        columns: @escaping @Sendable () -> Int = { Layout.usualColumns }
    ) {
        self.provinces = provinces
        style = Style(isOn: colours)
        self.width = width
        self.columns = columns
    }

    public var opening: [UInt8] { [] }

    public func bytes(of read: ReadAlert) -> [UInt8] {
        let lines =
            switch (read.isErased, read.alert) {
            case _ where read.action != nil: notice(read)
            case (true, _):
                layout(nil).lines(
                    [
                        .own(
                            "\(name(read)): content erased"
                                + (read.standing.flatMap {
                                    $0.state == .active ? nil : ", \($0.state.rawValue)"
                                } ?? "")
                                + (read.ends.map { "; the alert ends \(moment($0))" } ?? ""))
                    ],
                    next: "  ")
            case (false, let alert?): lines(of: alert, read)
            case (false, nil):
                layout(nil).lines([.own("\(name(read)): this program can't read it; update it")], next: "  ")
            }
        return Array((lines.joined(separator: "\n") + "\n\n").utf8)
    }

    private func notice(_ read: ReadAlert) -> [String] {
        let layout = layout(mark(read.facts?.knownStatus ?? .actual))
        let isOperators = read.check == .valid
        var lines = layout.lines(
            [
                .own(moment(read.streamed.received)),
                .own(read.effect ?? "", isOperators ? .bold : .red),
                .own(read.isErased ? "(the reason is erased)" : ""),
            ], next: "      ")
        let reason = [read.notice?.reason.km, read.notice?.reason.en].compactMap { $0 }
        for words in reason.flatMap({ $0.split(whereSeparator: \.isNewline).map(String.init) }) {
            lines += layout.lines([.quoted(words)], first: "  | ", next: "  | ")
        }
        lines += layout.lines(
            [.own("refers to " + read.references.map(\.description).joined(separator: ", "))], first: "  ",
            next: "      ")
        let id = read.facts.flatMap { AlertID(bytes: $0.id) }.map { "id \($0), " } ?? ""
        return lines
            + layout.lines(
                [
                    .own("\(name(read)), \(id)", .dim),
                    isOperators ? .own("signed by the hub") : .own("NOT SIGNED BY THE HUB", .red),
                ], first: "  ", next: "      ")
    }

    private func mark(_ status: Status) -> String? {
        switch status {
        case .actual: nil
        case .exercise: "EXERCISE"
        case .test: "TEST"
        }
    }

    private func name(_ read: ReadAlert) -> String {
        "#\(read.streamed.offset) \(read.streamed.topic) by \(read.post), received \(received(read))"
    }

    private func layout(_ mark: String?) -> Layout {
        Layout(columns: columns(), width: width, style: style, mark: mark)
    }

    private func lines(of alert: Alert, _ read: ReadAlert) -> [String] {
        let layout = layout(mark(alert.status))
        var lines = layout.lines(first(alert, read), next: "      ")
        for words in words(alert) { lines += layout.lines([.quoted(words)], first: "  | ", next: "  | ") }
        for detail in standing(read) + details(alert) {
            lines += layout.lines([.own(detail)], first: "  ", next: "      ")
        }
        return lines + layout.lines(last(read, alert), first: "  ", next: "      ")
    }

    private func first(_ alert: Alert, _ read: ReadAlert) -> [Span] {
        var spans: [Span] = [
            .own(moment(alert.sent)), .own(alert.severity.rawValue.uppercased(), look(alert.severity)),
        ]
        spans.append(.own(alert.kind.rawValue.uppercased()))
        if let effect = read.effect { spans.append(.own(effect, .bold)) }
        if let state = read.standing?.state, state != .active {
            spans.append(.own("OVER: \(state.rawValue.uppercased())", .yellow))
        }
        spans.append(.own(alert.provinces.map(name).joined(separator: " > "), .bold))
        if let crossing = alert.crossing { spans.append(.own("at \(quoted(crossing))")) }
        return spans
    }

    private func standing(_ read: ReadAlert) -> [String] {
        guard let standing = read.standing else { return [] }
        var lines: [String] = []
        if let replacement = standing.replacedBy { lines.append("replaced by \(replacement)") }
        if !standing.disputedBy.isEmpty {
            lines.append(
                "disputed by \(standing.disputedBy.joined(separator: ", ")): about somebody or something else"
            )
        }
        return lines
    }

    private func words(_ alert: Alert) -> [String] {
        let texts = [alert.headline, alert.description, alert.note]
        return texts.flatMap { [$0?.km, $0?.en] }.compactMap { $0 }.flatMap { text in
            text.unicodeScalars.split(whereSeparator: isLineEnd).map { String($0) }
        }
    }

    /// As `Character.isNewline`: such a one stands by itself or after another.
    private func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    private func details(_ alert: Alert) -> [String] {
        var lines: [String] = []
        if let suspect = alert.suspect { lines += self.suspect(suspect) }
        if let movement = alert.movement { lines += self.movement(movement) }
        if let sighting = alert.sighting { lines += self.sighting(sighting) }
        for person in alert.atRisk {
            var parts = [
                "\(person.count) \(person.role.rawValue)", "age \(person.ageBand.rawValue)",
                person.sex.rawValue,
            ]
            if let language = person.languageNeed { parts.append("speaks \(language)") }
            lines.append("at risk: " + parts.joined(separator: ", ") + " (\(person.reference))")
        }
        if let source = alert.source { lines.append("made of a document of \(source.sender)") }
        if !alert.references.isEmpty {
            lines.append("refers to " + alert.references.map(\.description).joined(separator: ", "))
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
            parts.append("called " + suspect.aliases.map(quoted).joined(separator: ", "))
        }
        var lines = ["suspect: " + parts.joined(separator: ", ")]
        for document in suspect.documents {
            lines.append("document: \(document.type.rawValue) \(document.country) \(document.number)")
        }
        if let marks = suspect.marks { lines.append("marks: " + quoted(marks)) }
        if let vehicle = suspect.vehicle { lines.append("vehicle: " + self.vehicle(vehicle)) }
        return lines
    }

    private func movement(_ movement: Movement) -> [String] {
        var parts = ["by \(movement.mode.rawValue)", "direction \(movement.direction.rawValue)"]
        if let from = movement.from { parts.append("from " + quoted(from)) }
        if let towards = movement.towards { parts.append("towards " + quoted(towards)) }
        if let people = movement.people {
            let minors = movement.minors.map { "\($0) of them seem to be minors" } ?? "minors unknown"
            parts.append("\(people) people, \(minors)")
        }
        var lines = ["movement: " + parts.joined(separator: ", ")]
        if let vehicle = movement.vehicle { lines.append("vehicle: " + self.vehicle(vehicle)) }
        if let seen = movement.lastSeen {
            lines.append("last seen \(moment(seen.time))" + (seen.place.map { " " + quoted($0) } ?? ""))
        }
        return lines
    }

    private func sighting(_ sighting: Sighting) -> [String] {
        var parts = [sighting.outcome.rawValue.uppercased(), moment(sighting.time)]
        if let place = sighting.place { parts.append("at " + quoted(place)) }
        if let mode = sighting.mode { parts.append("by \(mode.rawValue)") }
        if let direction = sighting.direction { parts.append("direction \(direction.rawValue)") }
        if let towards = sighting.towards { parts.append("towards " + quoted(towards)) }
        if let people = sighting.people {
            let minors = sighting.minors.map { "\($0) of them seem to be minors" } ?? "minors unknown"
            parts.append("\(people) people, \(minors)")
        }
        var lines = ["sighting of \(sighting.of)", parts.joined(separator: ", ")]
        if !sighting.identifiers.isEmpty {
            lines.append("recognised by " + sighting.identifiers.map(\.rawValue).joined(separator: ", "))
        }
        if let vehicle = sighting.vehicle { lines.append("vehicle: " + self.vehicle(vehicle)) }
        if let action = sighting.action { lines.append("asks the next to: \(action.rawValue)") }
        return lines
    }

    private func vehicle(_ vehicle: Vehicle) -> String {
        var parts = [vehicle.type.rawValue]
        if let plate = vehicle.plate { parts.append("plate \(quoted(plate))") }
        if let colour = vehicle.colour { parts.append("colour \(quoted(colour))") }
        if let make = vehicle.make { parts.append("make \(quoted(make))") }
        return parts.joined(separator: ", ")
    }

    private func last(_ read: ReadAlert, _ alert: Alert) -> [Span] {
        let check: Span =
            switch read.check {
            case .valid: .own("signed by \(read.post)")
            case .invalid: .own("SIGNATURE OF \(read.post) DOES NOT VERIFY", .red)
            case .unknown: .own("no key of \(read.post) here to check its signature")
            }
        let facts =
            "\(alert.handling.rawValue), until \(moment(alert.expires)), #\(read.streamed.offset), "
            + "received \(received(read)), id \(alert.id),"
        return [.own(facts, .dim), check]
    }

    private func name(_ code: String) -> String {
        provinces.province(code: code)?.english ?? code
    }

    private func look(_ severity: Severity) -> Style.Look? {
        switch severity {
        case .extreme, .severe: .red
        case .moderate: .yellow
        case .minor, .unknown: nil
        }
    }

    /// In quotation marks, of which it can have none within.
    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\"", with: "'") + "\""
    }

    /// To the second and in one word, as it is copied behind `--since`.
    private func received(_ read: ReadAlert) -> String { read.streamed.received.rfc3339() }

    /// `2026-11-24 06:30 +07:00`, Cambodia's time: as `--since` takes it.
    private func moment(_ time: Timestamp) -> String {
        let text = time.rfc3339()
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) \(text.suffix(6))"
    }
}
