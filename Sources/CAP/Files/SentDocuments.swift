public import Alerts
public import Platform

/// What one cursor's runs have sent to one destination: how other documents refer to it. Kept beside the cursor, since the
/// alerts themselves may be erased at the hub when a cancellation of them is to follow. From one thread.
public final class SentDocuments {
    /// Bytes of the file: some four million documents.
    static let largestFile = 512 << 20
    /// How long it is kept: a message may be of use for a year, and be referred to for some time more.
    static let kept = Duration.seconds(400 * 86_400)

    private let path: String
    private let destination: String
    private var references: [AlertID: CAPDocument.Reference] = [:]
    private var unwritten: [UInt8] = []

    /// - path: of a file that need not be there. What is in it and no entry is passed over: a write that a crash has cut off.
    public init(_ path: String, destination: String, now: Timestamp) throws(FileError) {
        self.path = path
        self.destination = destination
        let bytes =
            try Files.facts(of: path) == nil ? [] : Files.read(path, limit: SentDocuments.largestFile)
        var isLong = false
        var rest: [UInt8] = []
        let oldest = now.before(SentDocuments.kept)
        for line in bytes.split(separator: 0x0A) {
            let parts = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 4, let id = AlertID(parts[0]), let sent = Timestamp(rfc3339: parts[2]),
                sent >= oldest
            else {
                isLong = true
                continue
            }
            rest += line + [0x0A]
            guard parts[3] == destination else { continue }
            references[id] = CAPDocument.Reference(
                sender: parts[1], identifier: CAPProfile.identifier(of: id), sent: sent)
        }
        if isLong || bytes.last.map({ $0 != 0x0A }) ?? false {
            try Files.writeAtomically(rest, to: path, mode: 0o600)
        }
    }

    public subscript(id: AlertID) -> CAPDocument.Reference? { references[id] }

    public func add(_ id: AlertID, _ reference: CAPDocument.Reference) {
        guard references.updateValue(reference, forKey: id) == nil else { return }
        unwritten += Array("\(id) \(reference.sender) \(reference.sent.rfc3339()) \(destination)\n".utf8)
    }

    /// Puts on disk what was added.
    public func sync() throws(FileError) {
        guard !unwritten.isEmpty else { return }
        try Files.append(unwritten, to: path, mode: 0o600)
        unwritten = []
    }
}
