public import Platform

/// A directory that documents come into, each whole or not at all, under its identifier: `kh-xb-ID.xml`.
///
/// What a cursor's run brings comes exactly once, also to who takes documents away: they are written beside their names first
/// and synced; then the cursor moves; only then they get their names. A run that is killed leaves documents without names. The
/// next one gives their names to those that the cursor has passed, and removes the others, which come again. From one thread.
public final class DocumentDirectory {
    private static let suffix = ".xml"
    private static let unnamed = ".part"

    public let path: String
    /// Written and without names yet, in order.
    private var waiting: [(part: String, name: String)] = []

    /// - path: made if it is not there, open to its owner alone.
    public init(_ path: String) throws(FileError) {
        self.path = path
        try Files.makeDirectory(path, mode: 0o700)
    }

    /// Where the document with this identifier is, or would be.
    public func place(of identifier: String) -> String {
        Files.path(identifier + DocumentDirectory.suffix, from: path)
    }

    /// Puts a document under its name at once, in place of one that has it.
    public func put(_ document: [UInt8], _ identifier: String) throws(FileError) {
        try Files.writeAtomically(document, to: place(of: identifier), mode: 0o600)
    }

    /// Finishes what an earlier run of the cursor has left.
    /// - through: the cursor's offset; nil: it has none yet.
    /// - Returns: how many got their names now.
    @discardableResult
    public func settle(cursor: String, through: UInt64?) throws(FileError) -> Int {
        var named = 0
        for name in try Files.names(in: path) {
            guard let part = DocumentDirectory.part(name), part.cursor == cursor else { continue }
            let file = Files.path(name, from: path)
            if let through, part.offset <= through {
                try Files.move(file, to: place(of: part.identifier))
                named += 1
            } else {
                try Files.remove(file)
            }
        }
        try Files.syncDirectory(of: file)
        return named
    }

    /// Writes a document that gets its name with ``name()``; on disk when it returns, but for its entry in the directory.
    public func prepare(
        _ document: [UInt8], _ identifier: String, cursor: String, offset: UInt64
    ) throws(FileError) {
        let part = Files.path(
            ".\(identifier).\(cursor).\(offset)\(DocumentDirectory.unnamed)", from: path)
        try Files.remove(part)
        try Files.create(document, at: part, mode: 0o600)
        waiting.append((part, place(of: identifier)))
    }

    /// Makes all that is prepared last, whatever happens: now the cursor may move.
    public func sync() throws(FileError) {
        if !waiting.isEmpty { try Files.syncDirectory(of: file) }
    }

    /// Gives their names to all that is prepared: after the cursor has moved.
    public func name() throws(FileError) {
        guard !waiting.isEmpty else { return }
        for (part, name) in waiting { try Files.move(part, to: name) }
        waiting = []
        try Files.syncDirectory(of: file)
    }

    /// Any name in the directory.
    private var file: String { Files.path("x", from: path) }

    private static func part(_ name: String) -> (identifier: String, cursor: String, offset: UInt64)? {
        guard name.hasPrefix("."), name.hasSuffix(unnamed) else { return nil }
        let parts = name.dropFirst().dropLast(unnamed.count).split(separator: ".").map(String.init)
        guard parts.count == 3, let offset = UInt64(parts[2]) else { return nil }
        return (parts[0], parts[1], offset)
    }
}
