internal import FoundationEssentials
public import Platform
internal import Wire

/// The hub's keys that a peer has taken over, in a file: small JSON, replaced whole. A hub keeps its own successions in one
/// of the same form.
public struct HubKeyFile: Sendable {
    /// What all of them are called.
    public static let name = "hub.keys.json"
    /// Bytes.
    static let largest = 131_072

    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    /// - Returns: nothing kept when there is no file yet. A damaged one is an error: it may have been damaged on purpose.
    public func read() throws(FileError) -> HubKeys.Kept {
        guard try Files.facts(of: path) != nil else { return HubKeys.Kept() }
        let bytes = try Files.read(path, limit: HubKeyFile.largest)
        guard let kept = HubKeyFile.kept(in: bytes) else {
            throw FileError(
                operation: "read", path: path, cause: "holds no keys of a hub",
                remedy:
                    "keep a copy of the file, put the hub's present hub.pub where the settings name it, and "
                    + "remove the file")
        }
        return kept
    }

    /// Durable when it returns.
    public func write(_ kept: HubKeys.Kept) throws(FileError) {
        try Files.writeAtomically(HubKeyFile.bytes(of: kept), to: path, mode: 0o600)
    }

    package static func kept(in bytes: [UInt8]) -> HubKeys.Kept? {
        guard let kept = try? JSONDecoder().decode(HubKeys.Kept.self, from: Data(bytes)),
            kept.successions.count <= HubKeys.most, kept.successions.allSatisfy(\.isWhole)
        else { return nil }
        return kept
    }

    package static func bytes(of kept: HubKeys.Kept) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Integers and strings always encode.
        return Array((try? encoder.encode(kept)) ?? Data()) + [0x0A]
    }
}
