internal import Alerts
internal import FoundationEssentials
internal import Settings

/// What the page needs to know before it shows anything: who it is for, places, code words, limits.
struct StartLine: Encodable {
    struct May: Encodable {
        /// Publish alerts, as the post of this machine.
        var write: Bool
        var ack: Bool
        var sight: Bool
    }

    struct Post: Encodable {
        var name: String
        /// The slug of the one that its alerts concern where a draft names none; nil: each has to.
        var province: String?
    }

    struct Province: Encodable {
        var slug, code, country, english: String
        var khmer: String?
        var names: [String]
        /// Column and row in the map; nil: not in it.
        var tile: [Int]?
        var readable: Bool
    }

    struct Crossing: Encodable {
        var name: String
        var khmer: String?
        /// The slug of the province on this side.
        var province: String
        /// The place on the other side, and the slug of its province; nil where there is none that is known.
        var counterpart: String
        var opposite: String?
        var kind, status: String
    }

    /// The name under which the hub knows the reader; nil before it has said so.
    var identity: String?
    var version = programVersion
    /// nil before the hub has said so.
    var hubTime: String?
    var language: String
    var may: May
    var post: Post?
    var provinces: [Province]
    var crossings: [Crossing]
    let codes = Codes()
    var limits: Limits

    private enum CodingKeys: String, CodingKey {
        case identity, version
        case hubTime = "hub_time"
        case language, may, post, provinces, crossings, codes, limits
    }

    /// Every code list of a form, in its schema's order.
    struct Codes: Encodable {
        let kinds = words(Kind.self)
        let statuses = words(Status.self)
        let messageTypes = words(MessageType.self)
        let resolutions = words(Resolution.self)
        let urgencies = words(Urgency.self)
        let severities = words(Severity.self)
        let certainties = words(Certainty.self)
        let handlings = words(Handling.self)
        let sexes = words(Sex.self)
        let suspectRoles = words(Suspect.Role.self)
        let documentTypes = words(Suspect.Document.DocumentType.self)
        let modes = words(Movement.Mode.self)
        let directions = words(Movement.Direction.self)
        let vehicleTypes = words(Vehicle.VehicleType.self)
        let personRoles = words(PersonAtRisk.Role.self)
        let ageBands = words(AgeBand.self)
        let outcomes = words(Sighting.Outcome.self)
        let identifiers = words(Sighting.Identifier.self)
        let actions = words(Sighting.Action.self)
    }

    /// Of a draft, and of the page.
    struct Limits: Encodable {
        var window: Int
        let headline = Alert.Limits.headline
        let description = Alert.Limits.description
        let note = Alert.Limits.note
        let crossing = Alert.Limits.crossing
        let place = Alert.Limits.place
        let aliases = Alert.Limits.aliases
        let alias = Alert.Limits.alias
        let documents = Alert.Limits.documents
        let documentNumber = Alert.Limits.documentNumber
        let marks = Alert.Limits.marks
        let plate = Alert.Limits.plate
        let colour = Alert.Limits.colour
        let make = Alert.Limits.make
        let age = Alert.Limits.age
        let people = Alert.Limits.people
        let atRisk = Alert.Limits.atRisk
        let provinces = Alert.Limits.provinces
        let references = Alert.Limits.references
        let payload = Alert.Limits.payload
        let draft = PageServer.largestBody
    }
}

private func words<Words: CaseIterable & RawRepresentable<String>>(_: Words.Type) -> [String] {
    Words.allCases.map(\.rawValue)
}

extension StartLine.Province {
    /// - grant: what the reader may read; nil before the hub has said so.
    init(_ province: Province, _ grant: Grant?) {
        (slug, code, country, english) = (province.slug, province.code, province.country, province.english)
        khmer = province.khmer
        names = province.names
        tile = province.tile.map { [$0.column, $0.row] }
        readable = grant.map { grant in Kind.allCases.contains { grant.allows(province.topic($0)) } } ?? false
    }
}

extension StartLine.Crossing {
    init(_ crossing: Crossing, _ directory: ProvinceDirectory) {
        name = crossing.name
        khmer = crossing.khmer
        province = directory.province(code: crossing.province)?.slug ?? ""
        counterpart = crossing.counterpart
        // "Hat Lek, Trat": the last part of the place is its province.
        let other = crossing.counterpart.split(separator: ",").last.flatMap { directory.find(String($0)) }
        opposite = other?.slug
        (kind, status) = (crossing.kind.rawValue, crossing.status.rawValue)
    }
}
