internal import AlertStore
internal import Settings

/// Which store keeps the log, and what only that store is told: `[store]` of hub.toml.
///
/// It is the one place that knows which stores there are. Another store is a case here and a folder in AlertStore.
public struct StoreSettings: Sendable, Equatable, Decodable {
    public enum Kind: String, Sendable, CaseIterable, Decodable {
        /// Files in the state directory.
        case sqlite
    }

    public var kind = Kind.sqlite

    public init() {}

    private enum CodingKeys: String, CodingKey { case kind }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        kind = try values.value(.kind, default: kind)
    }

    /// - state: the hub's state directory.
    func backend(state: String) -> any LogBackend {
        switch kind {
        case .sqlite: SQLiteBackend(directory: state)
        }
    }
}
