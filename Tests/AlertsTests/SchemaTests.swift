import Foundation
import Testing

@testable import Alerts

/// alert.schema.json against the lists that alerts are validated by. What it says of limits and forms is held against a hub's
/// validation by Tests/clients/schema.py.
@Suite("The schema of alerts")
struct SchemaTests {
    private static func definitions() throws -> [String: [String: Any]] {
        let file = Reference.config.deletingLastPathComponent()
            .appendingPathComponent("Sources/Alerts/alert.schema.json")
        let schema = try JSONSerialization.jsonObject(with: try Data(contentsOf: file)) as? [String: Any]
        return try #require(schema?["$defs"] as? [String: [String: Any]])
    }

    /// The names of an object's members, and of those of what is in it.
    private static func members(of node: Any?, _ definitions: [String: [String: Any]]) -> Set<String> {
        guard let node = node as? [String: Any] else { return [] }
        var found: Set<String> = []
        for (name, member) in node["properties"] as? [String: Any] ?? [:] {
            found.formUnion(members(of: member, definitions).union([name]))
        }
        found.formUnion(members(of: node["items"], definitions))
        if let reference = (node["$ref"] as? String)?.split(separator: "/").last {
            found.formUnion(members(of: definitions[String(reference)], definitions))
        }
        return found
    }

    @Test("it names the fields that an alert may have, and no other")
    func fields() throws {
        let definitions = try SchemaTests.definitions()
        #expect(SchemaTests.members(of: definitions["alert"], definitions) == FieldKey.all)
    }

    @Test("its code lists are those of the validation, in their order")
    func words() throws {
        let definitions = try SchemaTests.definitions()
        func words(_ section: String, _ member: String? = nil) -> [String]? {
            let node = definitions[section]
            guard let member else { return node?["enum"] as? [String] }
            let property = (node?["properties"] as? [String: [String: Any]])?[member]
            return (property?["items"] as? [String: Any] ?? property)?["enum"] as? [String]
        }
        func list<Word: CaseIterable & RawRepresentable>(_ type: Word.Type) -> [String]
        where Word.RawValue == String {
            type.allCases.map(\.rawValue)
        }
        #expect(words("alert", "status") == list(Status.self))
        #expect(words("alert", "msgType") == list(MessageType.self))
        #expect(words("alert", "resolution") == list(Resolution.self))
        #expect(words("alert", "kind") == list(Kind.self))
        #expect(words("alert", "urgency") == list(Urgency.self))
        #expect(words("alert", "severity") == list(Severity.self))
        #expect(words("alert", "certainty") == list(Certainty.self))
        #expect(words("alert", "handling") == list(Handling.self))
        #expect(words("suspect", "role") == list(Suspect.Role.self))
        #expect(words("document", "type") == list(Suspect.Document.DocumentType.self))
        #expect(words("vehicle", "type") == list(Vehicle.VehicleType.self))
        #expect(words("sighting", "outcome") == list(Sighting.Outcome.self))
        #expect(words("sighting", "identifiers") == list(Sighting.Identifier.self))
        #expect(words("sighting", "action") == list(Sighting.Action.self))
        #expect(words("personAtRisk", "role") == list(PersonAtRisk.Role.self))
        #expect(words("personAtRisk", "ageBand") == list(AgeBand.self))
        #expect(words("sex") == list(Sex.self))
        #expect(words("mode") == list(Movement.Mode.self))
        #expect(words("direction") == list(Movement.Direction.self))
        #expect(words("notice", "msgType") == list(HubNotice.Action.self))
    }
}
