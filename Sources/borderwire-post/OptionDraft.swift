import AlertPost
import Alerts
import FoundationEssentials
import Platform
import Printable
import Settings

/// The draft that the options of `publish suspect`, `movement` and `sighting` describe. Checked like any other draft.
struct OptionDraft: Encodable {
    var kind: String
    var msgType = "Alert"
    var references: [String]?
    var resolution: String?
    var status: String
    var urgency: String
    var severity: String
    var certainty: String
    var expires: String
    var handling: String
    var provinces: [String]
    var crossing: String?
    var headline: DraftText?
    var description: DraftText?
    var suspect: Suspect?
    var movement: Movement?
    var sighting: Sighting?
    var atRisk: [AtRisk]?

    struct Vehicle: Encodable {
        var type: String
        var plate: String?
        var colour: String?
        var make: String?
    }

    struct Suspect: Encodable {
        var role: String
        var aliases: [String]?
        var sex: String?
        var ageRange: AgeRange?
        var nationality: String?
        var documents: [Document]?
        var marks: String?
        var vehicle: Vehicle?

        struct AgeRange: Encodable {
            var min: Int
            var max: Int
        }

        struct Document: Encodable {
            var type: String
            var country: String
            var number: String
        }
    }

    struct Movement: Encodable {
        var mode: String
        var direction: String
        var from: String?
        var towards: String?
        var vehicle: Vehicle?
        var people: Int?
        var minors: Int?
        var lastSeen: LastSeen?

        struct LastSeen: Encodable {
            var time: String
            var place: String?
        }
    }

    struct Sighting: Encodable {
        var of: String
        var outcome: String
        var identifiers: [String]?
        var time: String
        var place: String?
        var mode: String?
        var direction: String?
        var towards: String?
        var vehicle: Vehicle?
        var people: Int?
        var minors: Int?
        var action: String?
        var share: Bool?
    }

    struct AtRisk: Encodable {
        var role: String
        var reference: String?
        var ageBand: String
        var sex: String
        var count: Int
    }

    func encoded() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }
}

extension OptionDraft {
    init(_ values: CommandLineValues, _ settings: PostSettings) throws {
        kind = values.command.last ?? ""
        let updates = values.strings("update")
        let cancels = values.strings("cancel")
        guard updates.isEmpty || cancels.isEmpty else {
            throw OptionDraft.misuse(kind, "--update and --cancel exclude each other")
        }
        if !updates.isEmpty { msgType = "Update" }
        if !cancels.isEmpty { msgType = "Cancel" }
        references = updates.isEmpty && cancels.isEmpty ? nil : updates + cancels
        resolution = values.string("resolution")
        guard resolution == nil || !cancels.isEmpty else {
            throw OptionDraft.misuse(
                kind, "--resolution needs --cancel", "name the alert there")
        }
        status = values.require("status")
        urgency = values.require("urgency")
        severity = values.require("severity")
        certainty = values.require("certainty")
        handling = values.require("handling")
        let life = values.duration("expires-in") ?? .seconds(86_400)
        let now = wallClockMilliseconds()
        expires = Timestamp(milliseconds: now).after(life).rfc3339()
        let named = values.strings("province")
        provinces = named.isEmpty ? settings.province.map { [$0] } ?? [] : named
        guard !provinces.isEmpty else {
            throw OptionDraft.misuse(kind, "--province is missing", "or set province in the post's settings")
        }
        crossing = values.string("crossing")
        headline = try DraftText("headline", values, "borderwire-post publish \(kind)")
        guard headline != nil || kind == "sighting" else {
            throw OptionDraft.misuse(
                kind, "--headline is missing", "say in Khmer or English what the alert is about")
        }
        description = try DraftText("description", values, "borderwire-post publish \(kind)")
        let vehicle = try OptionDraft.vehicle(values, kind)
        let atRisk = try values.strings("at-risk").map { try OptionDraft.atRisk($0, kind) }
        self.atRisk = atRisk.isEmpty ? nil : atRisk
        switch kind {
        case "suspect": suspect = try OptionDraft.suspect(values, vehicle)
        case "movement": movement = try OptionDraft.movement(values, vehicle)
        default: sighting = msgType == "Cancel" ? nil : OptionDraft.sighting(values, vehicle, now)
        }
    }

    /// - Returns: nil where none is given.
    private static func suspect(_ values: CommandLineValues, _ vehicle: Vehicle?) throws -> Suspect {
        let documents = try values.strings("document").map { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else {
                throw misuse("suspect", "--document: must be TYPE:COUNTRY:NUMBER")
            }
            return Suspect.Document(type: parts[0], country: parts[1], number: parts[2])
        }
        let aliases = values.strings("alias")
        return Suspect(
            role: values.require("role"), aliases: aliases.isEmpty ? nil : aliases, sex: values.string("sex"),
            ageRange: try values.string("age").map(ages), nationality: values.string("nationality"),
            documents: documents.isEmpty ? nil : documents, marks: values.string("marks"), vehicle: vehicle)
    }

    private static func movement(_ values: CommandLineValues, _ vehicle: Vehicle?) throws -> Movement {
        guard values.isGiven("seen-at") || !values.isGiven("seen-in") else {
            throw misuse("movement", "--seen-in needs --seen-at")
        }
        return Movement(
            mode: values.require("mode"), direction: values.require("direction"), from: values.string("from"),
            towards: values.string("towards"), vehicle: vehicle, people: values.integer("people"),
            minors: values.integer("minors"),
            lastSeen: values.string("seen-at").map {
                Movement.LastSeen(time: $0, place: values.string("seen-in"))
            })
    }

    /// - now: in milliseconds.
    private static func sighting(_ values: CommandLineValues, _ vehicle: Vehicle?, _ now: Int64) -> Sighting {
        let identifiers = values.strings("by")
        return Sighting(
            of: values.require("of"), outcome: values.require("outcome"),
            identifiers: identifiers.isEmpty ? nil : identifiers,
            time: values.string("seen-at") ?? Timestamp(milliseconds: now).rfc3339(),
            place: values.string("seen-in"), mode: values.string("mode"),
            direction: values.string("direction"), towards: values.string("towards"), vehicle: vehicle,
            people: values.integer("people"), minors: values.integer("minors"),
            action: values.string("action"), share: values.flag("share") ? true : nil)
    }

    private static func vehicle(_ values: CommandLineValues, _ kind: String) throws -> Vehicle? {
        guard let type = values.string("vehicle") else {
            for name in ["plate", "colour", "make"] where values.isGiven(name) {
                throw misuse(kind, "--\(name) needs --vehicle")
            }
            return nil
        }
        return Vehicle(
            type: type, plate: values.string("plate"), colour: values.string("colour"),
            make: values.string("make"))
    }

    private static func atRisk(_ text: String, _ kind: String) throws -> AtRisk {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let reference = parts.count > 1 && parts[1].hasPrefix("R-") ? parts.remove(at: 1) : nil
        guard (3...4).contains(parts.count), let count = parts.count == 4 ? Int(parts[3]) : 1 else {
            throw misuse(kind, "--at-risk: must be ROLE[:REFERENCE]:AGES:SEX[:COUNT]")
        }
        return AtRisk(role: parts[0], reference: reference, ageBand: parts[1], sex: parts[2], count: count)
    }

    private static func ages(_ text: String) throws -> Suspect.AgeRange {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        switch parts.count {
        case 1: if let age = parts[0] { return Suspect.AgeRange(min: age, max: age) }
        case 2: if let from = parts[0], let to = parts[1] { return Suspect.AgeRange(min: from, max: to) }
        default: break
        }
        throw misuse("suspect", "--age: must be years such as 35 or 30-40")
    }

    private static func misuse(_ kind: String, _ cause: String, _ remedy: String = "") -> UsageError {
        UsageError(command: "borderwire-post publish \(kind)", cause: printable(cause), remedy: remedy)
    }
}
