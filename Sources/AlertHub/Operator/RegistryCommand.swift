internal import Alerts
internal import AlertStore
internal import Platform
internal import Provinces
internal import Settings

/// `borderwire-hub registry`: the registry as a whole, wherever it is kept.
public enum RegistryCommand {
    /// Versions that are listed, the newest.
    static let listed = 10_000

    /// What is there, in order or not; empty where there is nothing.
    public static func text(_ settings: HubSettings) throws -> [UInt8] {
        try store(settings).text()
    }

    /// Lines for people, the newest version first.
    public static func history(_ settings: HubSettings) throws -> [String] {
        guard let shared = try store(settings) as? SharedRegistry else {
            throw Failure(
                "\(settings.registry) has no history: the file has its last content alone", status: .config)
        }
        return try shared.history(limit: listed).map {
            "version \($0.number), \($0.at.rfc3339()), by \($0.who)"
        }
    }

    /// - Returns: how many identities there are now.
    public static func replace(_ settings: HubSettings, with file: String) throws -> Int {
        let store = try store(settings)
        let text = try Files.read(file, limit: RegistryText.largest)
        let name = RegistryText(name: file, provinces: try provinces(settings))
        let count = try name.content(of: text).registry.identities.count
        try store.replace(with: text)
        return count
    }

    private static func provinces(_ settings: HubSettings) throws -> ProvinceDirectory {
        try ReferenceData.provinces(overlay: settings.provinces?.path)
    }

    private static func store(_ settings: HubSettings) throws -> any RegistryStore {
        settings.registryStore(try provinces(settings))
    }
}
