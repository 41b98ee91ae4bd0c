internal import FoundationEssentials
public import Platform
public import Wire

/// The latest checkpoints that were seen of a hub, one for each of its logs, in a file: small JSON, replaced whole.
public struct CheckpointFile: Sendable {
    /// Bytes.
    static let largest = 65_536

    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    /// - Returns: none when there is no file yet. A damaged one is an error: it may have been damaged on purpose.
    public func read() throws(FileError) -> [SignedCheckpoint] {
        guard try Files.facts(of: path) != nil else { return [] }
        let bytes = try Files.read(path, limit: CheckpointFile.largest)
        guard let checkpoints = CheckpointFile.checkpoints(in: bytes) else {
            throw FileError(
                operation: "read", path: path, cause: "holds no checkpoints of format 2",
                remedy: "keep a copy of the file and remove it: the next checkpoint is then taken on trust")
        }
        return checkpoints
    }

    /// Durable when it returns.
    public func write(_ checkpoints: [SignedCheckpoint]) throws(FileError) {
        try Files.writeAtomically(CheckpointFile.bytes(of: checkpoints), to: path, mode: 0o600)
    }

    private struct Content: Codable {
        var checkpoints: [SignedCheckpoint]
    }

    package static func checkpoints(in bytes: [UInt8]) -> [SignedCheckpoint]? {
        let content = try? JSONDecoder().decode(Content.self, from: Data(bytes))
        guard let checkpoints = content?.checkpoints, checkpoints.count <= CheckpointVerifier.mostLogs,
            Set(checkpoints.map(\.checkpoint.log)).count == checkpoints.count
        else { return nil }
        return checkpoints
    }

    package static func bytes(of checkpoints: [SignedCheckpoint]) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Integers and strings always encode.
        let json = (try? encoder.encode(Content(checkpoints: checkpoints))) ?? Data()
        return Array(json) + [0x0A]
    }
}
