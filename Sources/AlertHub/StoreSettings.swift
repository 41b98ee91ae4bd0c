internal import AlertStore
internal import Platform
internal import PostgresLog
public import Settings

/// Which store keeps the log, and what only that store is told: `[store]` of hub.toml.
///
/// It is the one place that knows which stores there are. Another store is a case here and a folder or a target of its own.
public struct StoreSettings: Sendable, Equatable, Decodable {
    public enum Kind: String, Sendable, CaseIterable, Decodable {
        /// Files in the state directory.
        case sqlite
        /// A database that several hubs can share.
        case postgres
    }

    public var kind = Kind.sqlite
    /// How libpq connects to it, naming all of its servers.
    public var postgres: String?
    /// Files with the passwords of the hub's user, of borderwire_eraser and of borderwire_operator; nil: libpq finds them, or
    /// needs none.
    public var password: SettingsPath?
    public var eraserPassword: SettingsPath?
    public var operatorPassword: SettingsPath?
    /// Whether there is a synchronous standby, without which ``Check`` calls the database unsafe.
    public var standby = true

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case kind, postgres, password, standby
        case eraserPassword = "eraser_password"
        case operatorPassword = "operator_password"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        kind = try values.value(.kind, default: kind)
        postgres = try values.decodeIfPresent(String.self, forKey: .postgres)
        password = try values.decodeIfPresent(SettingsPath.self, forKey: .password)
        eraserPassword = try values.decodeIfPresent(SettingsPath.self, forKey: .eraserPassword)
        operatorPassword = try values.decodeIfPresent(SettingsPath.self, forKey: .operatorPassword)
        standby = try values.value(.standby, default: standby)
        if kind == .postgres, postgres ?? "" == "" {
            throw values.refusal(
                of: .postgres, "must say where the database is: host=db1,db2 dbname=borderwire")
        }
    }

    /// - state: the hub's state directory. key: its key file, whose name is the hub's.
    func backend(state: String, key: String) -> any LogBackend {
        switch kind {
        case .sqlite: SQLiteBackend(directory: state)
        case .postgres: PostgresBackend(place(key: key))
        }
    }

    /// What is unsafe about the database; none where the store is files, which the hub makes as they must be.
    func problems(key: String) throws(StoreError) -> [String] {
        guard kind == .postgres else { return [] }
        return try PostgresSafety.problems(place(key: key), standby: standby)
    }

    static func hubName(key: String) -> String {
        let file = key.split(separator: "/").last.map(String.init) ?? ""
        return file.hasSuffix(".key") ? String(file.dropLast(4)) : file
    }

    func place(key: String) -> PostgresPlace {
        var place = PostgresPlace(servers: postgres ?? "", hub: StoreSettings.hubName(key: key))
        let (password, eraserPassword, operatorPassword) = (
            self.password, self.eraserPassword, self.operatorPassword
        )
        place.password = { () throws(StoreError) in try StoreSettings.secret(password) }
        place.eraserPassword = { () throws(StoreError) in try StoreSettings.secret(eraserPassword) }
        place.operatorPassword = { () throws(StoreError) in try StoreSettings.secret(operatorPassword) }
        place.retention = { Purge.entry($0) }
        return place
    }

    /// Bytes of a file with a password, at most.
    private static let longestSecret = 4_096

    /// The first line of a file that others can't read.
    private static func secret(_ file: SettingsPath?) throws(StoreError) -> String? {
        guard let file else { return nil }
        let read: (bytes: [UInt8], facts: FileFacts)
        do throws(FileError) {
            read = try Files.readWithFacts(file.path, limit: longestSecret)
        } catch {
            throw StoreError(
                operation: "read the password", path: file.path, cause: .other, detail: "\(error)")
        }
        guard read.facts.mode & 0o007 == 0 else {
            throw StoreError(
                operation: "read the password", path: file.path, cause: .readOnly,
                detail: "its mode lets everyone read it", remedy: "chmod 0600 \(file.path)")
        }
        return String(decoding: read.bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }
}
