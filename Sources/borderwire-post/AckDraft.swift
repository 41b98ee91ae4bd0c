import Platform
import AlertPost
import Alerts
import FoundationEssentials
import Settings

/// The draft that the options of `ack` describe. Checked like any other draft.
struct AckDraft: Encodable {
    var msgType = "Ack"
    var references: [String]
    var kind: String
    var status: String
    var provinces: [String]?
    var note: OptionDraft.Text?

    init(_ values: CommandLineValues, _ settings: PostSettings) throws {
        references = values.positionals("ID")
        kind = values.require("kind")
        status = values.require("status")
        // nil: the post's own.
        let named = values.strings("province")
        provinces = named.isEmpty ? nil : named
        guard provinces != nil || settings.province != nil else {
            throw UsageError(
                command: "borderwire-post ack", cause: "--province is missing",
                remedy: "or set province in the post's settings")
        }
        note = try OptionDraft.text("note", values, "ack")
    }

    func encoded() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }
}
