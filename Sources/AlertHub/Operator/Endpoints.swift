internal import FoundationEssentials
internal import Settings

/// Where the hub listens, for whoever was configured with port 0. The file is there while the hub is ready.
struct Endpoints: Codable {
    static let largestFile = 4_096

    var control: Int
    var ingest: Int
    /// Of metrics; nil: they are not served.
    var metrics: Int?

    func write(_ settings: HubSettings) throws(FileError) {
        // Two integers always encode.
        let json = (try? JSONEncoder().encode(self)) ?? Data()
        try Files.writeAtomically(Array(json) + [0x0A], to: settings.endpoints, mode: 0o644)
    }

    /// - Returns: nil when there is no such file, or not a whole one.
    static func read(_ settings: HubSettings) throws(FileError) -> Endpoints? {
        guard try Files.facts(of: settings.endpoints) != nil else { return nil }
        let bytes = try Files.read(settings.endpoints, limit: largestFile)
        return try? JSONDecoder().decode(Endpoints.self, from: Data(bytes))
    }
}
