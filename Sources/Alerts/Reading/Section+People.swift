internal import JSON

/// The sections about suspects, movements and people at risk.
extension Section {
    mutating func suspect() -> Suspect? {
        let role = word("role", Suspect.Role.self, required: true, refusal: Section.victimRefusal)
        let aliases = strings("aliases", atMost: Alert.Limits.aliases) ?? []
        for (index, alias) in aliases.prefix(Alert.Limits.aliases).enumerated() {
            let field = "aliases[\(index)]"
            if check(alias, field, atMost: Alert.Limits.alias) != nil, findings.screens {
                screen(alias: alias, field)
            }
        }
        let sex = word("sex", Sex.self)
        let ageRange = section("ageRange").flatMap { ages in
            var ages = ages
            return ages.ageRange()
        }
        let nationality = country("nationality")
        let documents = (sections("documents", atMost: Alert.Limits.documents) ?? []).compactMap { document in
            var document = document
            return document.document()
        }
        let marks = freeText("marks", atMost: Alert.Limits.marks, lines: true)
        let vehicle = vehicle()
        end()
        guard let role else { return nil }
        return Suspect(
            role: role, aliases: aliases, sex: sex, ageRange: ageRange, nationality: nationality,
            documents: documents, marks: marks, vehicle: vehicle)
    }

    /// An alias is a name and nothing else.
    private func screen(alias: String, _ field: String) {
        let isName = alias.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case " ", "-", ".", "'", "’", "\u{200B}", "\u{200C}", "\u{200D}": true
            default: scalar.properties.isAlphabetic || scalar.properties.generalCategory == .nonspacingMark
            }
        }
        if !isName {
            report(field, "not letters, spaces, - . and ' alone; other facts have fields of their own")
        }
        if NameLookout.mentionsVictim(alias) {
            report(field, "a word for a victim in it; a victim is not a suspect, count them in atRisk")
        }
    }

    /// The sentence for a victim among suspects, whatever the spelling; HTCDS 2.0 calls victims "... Individual".
    private static func victimRefusal(_ role: String) -> String? {
        let folded = role.lowercased()
        guard folded.contains("victim") || folded.hasSuffix("individual") else { return nil }
        return "a victim is not a suspect; count them in atRisk, which takes no name"
    }

    private mutating func ageRange() -> Suspect.AgeRange? {
        let least = number("min", 0...Alert.Limits.age, required: true)
        let most = number("max", 0...Alert.Limits.age, required: true)
        end()
        guard let least, let most else { return nil }
        if most < least { report("max", "less than min") }
        return Suspect.AgeRange(min: least, max: most)
    }

    private mutating func document() -> Suspect.Document? {
        let type = word("type", Suspect.Document.DocumentType.self, required: true)
        let country = country("country", required: true)
        let number = code(
            "number", length: 1...Alert.Limits.documentNumber,
            "1 to \(Alert.Limits.documentNumber) capital letters, digits, - or /", required: true
        ) {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D || $0 == 0x2F
        }
        if findings.screens, let number, !Section.isDocumentNumber(number) {
            report("number", "not a document's number, with 4 digits at least and 6 letters at most")
        }
        end()
        guard let type, let country, let number else { return nil }
        return Suspect.Document(type: type, country: country, number: number)
    }

    private static func isDocumentNumber(_ text: String) -> Bool {
        text.utf8.count { (0x30...0x39).contains($0) } >= 4
            && text.utf8.count { (0x41...0x5A).contains($0) } <= 6
    }

    mutating func vehicle() -> Vehicle? {
        guard var vehicle = section("vehicle") else { return nil }
        let type = vehicle.word("type", Vehicle.VehicleType.self, required: true)
        let plate = vehicle.plate()
        let colour = vehicle.freeText("colour", atMost: Alert.Limits.colour)
        let make = vehicle.freeText("make", atMost: Alert.Limits.make)
        vehicle.end()
        return type.map { Vehicle(type: $0, plate: plate, colour: colour, make: make) }
    }

    /// A plate has letters of any script, digits, spaces, `-` and `.`; fewer digits than a telephone number. A screened one
    /// has few letters, so that no name is one: 3, or 5 where there are as many digits.
    private mutating func plate() -> String? {
        guard let plate = string("plate") else { return nil }
        var digits = 0
        var letters = 0
        var isPlate = !plate.isEmpty
        var characters = 0
        for scalar in plate.unicodeScalars {
            characters += 1
            switch scalar.properties.generalCategory {
            case .decimalNumber: digits += 1
            case .uppercaseLetter, .lowercaseLetter, .otherLetter: letters += 1
            case .nonspacingMark, .spacingMark: break
            default: isPlate = isPlate && (scalar == " " || scalar == "-" || scalar == ".")
            }
        }
        if !isPlate { report("plate", "not letters, digits, spaces, - and .") }
        if characters > Alert.Limits.plate {
            report("plate", "\(characters) characters, at most \(Alert.Limits.plate)")
        } else if digits > Alert.Limits.plateDigits {
            report("plate", "\(digits) digits, at most \(Alert.Limits.plateDigits)")
        } else if isPlate, findings.screens, digits == 0 || letters > 3 && (letters > 5 || letters > digits) {
            report("plate", "not a plate's, with digits and at most 3 letters, or 5 with as many digits")
        }
        return plate
    }

    mutating func movement(sent: Timestamp?) -> Movement? {
        let mode = word("mode", Movement.Mode.self, required: true)
        let direction = word("direction", Movement.Direction.self, required: true)
        let from = freeText("from", atMost: Alert.Limits.place)
        let towards = freeText("towards", atMost: Alert.Limits.place)
        let vehicle = vehicle()
        let (people, minors) = counts()
        let lastSeen = section("lastSeen").flatMap { section in
            var section = section
            return section.lastSeen(sent: sent)
        }
        end()
        guard let mode, let direction else { return nil }
        return Movement(
            mode: mode, direction: direction, from: from, towards: towards, vehicle: vehicle, people: people,
            minors: minors, lastSeen: lastSeen)
    }

    /// How many people there are, and how many of them appear to be minors.
    mutating func counts() -> (people: Int?, minors: Int?) {
        let people = number("people", 1...Alert.Limits.people)
        let minors = number("minors", 0...Alert.Limits.people)
        if let people, let minors, minors > people { report("minors", "more than people") }
        return (people, minors)
    }

    private mutating func lastSeen(sent: Timestamp?) -> Movement.LastSeen? {
        let time = timestamp("time", required: true)
        let place = freeText("place", atMost: Alert.Limits.place)
        end()
        if let time, let sent, time > sent { report("time", "later than sent") }
        return time.map { Movement.LastSeen(time: $0, place: place) }
    }

    mutating func personAtRisk() -> PersonAtRisk? {
        let role = word("role", PersonAtRisk.Role.self, required: true)
        let reference = reference()
        let ageBand = word("ageBand", AgeBand.self, required: true)
        let sex = word("sex", Sex.self, required: true)
        let language = code("languageNeed", length: 2...3, "a language's code, such as vi or khm") {
            (0x61...0x7A).contains($0)
        }
        let count = number("count", 1...Alert.Limits.people, required: true)
        end()
        guard let role, let reference, let ageBand, let sex, let count else { return nil }
        return PersonAtRisk(
            role: role, reference: reference, ageBand: ageBand, sex: sex, languageNeed: language, count: count
        )
    }

    /// - Returns: of a draft that gives none, a new one.
    private mutating func reference() -> String? {
        if let make = findings.newReference, !has("reference") { return make() }
        guard let reference = string("reference", required: true) else { return nil }
        let isKnown =
            findings.screens
            ? PersonReference.isOne(reference)
            : reference.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D
            }
        if !isKnown {
            report(
                "reference",
                "not one that borderwire-post has made; leave it out for a new one, or give again what publishing told"
            )
        }
        return reference
    }
}
