public import Alerts
internal import FoundationEssentials
public import Settings
internal import ResponseReport

/// The draft of an acknowledgement. Checked like any other draft.
public struct AckDraft: Encodable {
    private let msgType = "Ack"
    private let references: [String]
    private let kind: String
    private let status: String
    private let provinces: [String]
    private let note: DraftText?

    /// - program: for errors. province: whose answer it is where no option says; nil: a province of the alert.
    /// - find: looks the alert up; not called where options say all.
    public init(
        _ values: CommandLineValues, _ program: String, province: String?,
        find: (AlertID) throws -> AckSubject
    ) throws {
        let id = try values.alertID(program)
        let command = "\(program) ack"
        references = [id.description]
        note = try DraftText("note", values, command)
        var named = values.strings("province")
        if named.isEmpty, let province { named = [province] }
        if let given = values.string("kind") {
            guard !named.isEmpty else {
                throw UsageError(
                    command: command, cause: "--province is missing",
                    remedy: "say whose answer it is; without --kind the hub is asked for both")
            }
            kind = given
            status = values.string("status") ?? Status.actual.rawValue
            provinces = named
        } else {
            let subject = try find(id)
            kind = subject.kind.rawValue
            status = values.string("status") ?? subject.status.rawValue
            provinces = named.isEmpty ? [subject.province] : named
        }
    }

    /// - provinces: whose answer it is, by any of their names.
    public init(_ id: AlertID, _ subject: AckSubject, provinces: [String], note: DraftText?) {
        references = [id.description]
        kind = subject.kind.rawValue
        status = subject.status.rawValue
        self.provinces = provinces
        self.note = note
    }

    public func encoded() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }
}
