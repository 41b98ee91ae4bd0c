internal import FoundationEssentials
public import Settings
public import Wire

/// The latest checkpoint that was seen of a hub, in a file: small JSON, replaced whole.
public struct CheckpointFile: Sendable {
    /// Bytes.
    static let largest = 4_096

    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    /// - Returns: nil when there is none yet. A damaged one is an error: it may have been damaged on purpose.
    public func read() throws(FileError) -> SignedCheckpoint? {
        guard try Files.facts(of: path) != nil else { return nil }
        let bytes = try Files.read(path, limit: CheckpointFile.largest)
        guard let checkpoint = CheckpointFile.checkpoint(in: bytes) else {
            throw FileError(
                operation: "read", path: path, cause: "not a checkpoint",
                remedy: "keep a copy of the file and remove it: the next checkpoint is then taken on trust")
        }
        return checkpoint
    }

    /// Durable when it returns.
    public func write(_ checkpoint: SignedCheckpoint) throws(FileError) {
        try Files.writeAtomically(CheckpointFile.bytes(of: checkpoint), to: path, mode: 0o600)
    }

    package static func checkpoint(in bytes: [UInt8]) -> SignedCheckpoint? {
        try? JSONDecoder().decode(SignedCheckpoint.self, from: Data(bytes))
    }

    package static func bytes(of checkpoint: SignedCheckpoint) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Integers and strings always encode.
        let json = (try? encoder.encode(checkpoint)) ?? Data()
        return Array(json) + [0x0A]
    }
}
