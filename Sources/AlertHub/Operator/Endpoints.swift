internal import FoundationEssentials
internal import Platform
internal import Settings

/// Where a hub listens, for whoever was configured with port 0. Its file is there while the hub is ready.
public struct Endpoints: Sendable, Codable, Equatable {
    static let largestFile = 4_096
    private static let ports = 1...65_535

    public internal(set) var control: Int
    public internal(set) var ingest: Int
    /// Of metrics; nil: they are not served.
    public internal(set) var metrics: Int?

    func write(_ settings: HubSettings) throws(FileError) {
        try Files.writeAtomically(bytes, to: settings.endpoints, mode: 0o644)
    }

    /// - Returns: nil when there is no such file, or not a whole one.
    static func read(_ settings: HubSettings) throws(FileError) -> Endpoints? {
        guard try Files.facts(of: settings.endpoints) != nil else { return nil }
        return Endpoints(try Files.read(settings.endpoints, limit: largestFile))
    }
}

extension Endpoints {
    /// nil when that is not what ``bytes`` makes, with ports that are ones.
    package init?(_ bytes: [UInt8]) {
        guard let read = try? JSONDecoder().decode(Endpoints.self, from: Data(bytes)),
            [read.control, read.ingest, read.metrics ?? read.control].allSatisfy(Endpoints.ports.contains)
        else { return nil }
        self = read
    }

    /// As they are in the file.
    package var bytes: [UInt8] {
        // Integers always encode.
        let json = (try? JSONEncoder().encode(self)) ?? Data()
        return Array(json) + [0x0A]
    }
}
