internal import FoundationEssentials
internal import Glibc
internal import Platform
internal import Settings

/// What a running hub says of the registry: which content of it is in force.
struct RegistryInForce: Codable, Sendable, Equatable {
    /// ``RegistryText/Content/digest``, or ``version(_:)``.
    var digest: String
    /// Why the file as it is now is not in force; nil: it is, or the hub has not seen it yet.
    var problem: String?
    /// Domains of feeds that do not listen: readers with these grants can't come in yet. At most ``mostClosed``.
    var closed: [String] = []

    static let mostClosed = 100
    /// Bytes of the file.
    static let largest = 64 << 10

    /// Of a registry in a shared log.
    static func version(_ number: UInt64) -> String { "version \(number)" }

    /// Whether what the file holds now is in force, for these readers too; nil: for everybody but readers.
    func has(_ digest: String, feed: String?) -> Bool {
        self.digest == digest && problem == nil && !(feed.map(closed.contains) ?? false)
    }
}

/// The file in which the hub says so, for the commands that change the registry.
///
/// A file and no question on control, since those who change the registry must hear of it at the worst of times, when a
/// stranger has used up the descriptors that a question's connection would need: the hub keeps it open for life, and writes
/// over it.
struct InForceFile: ~Copyable {
    private let descriptor: Int32
    private var last: RegistryInForce?

    /// Empties it: what a former hub has said is over. To be called once the log is locked.
    init(_ settings: HubSettings) throws(FileError) {
        let path = settings.registryInForce
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
    }

    deinit {
        close(descriptor)
    }

    mutating func write(_ value: RegistryInForce) {
        guard value != last, let bytes = try? JSONEncoder().encode(value) else { return }
        // Who reads a mixture of two finds no JSON, and reads again. A full disk leaves it so, and the command says that it
        // can't tell.
        guard pwrite(descriptor, [UInt8](bytes), bytes.count, 0) == bytes.count,
            ftruncate(descriptor, bytes.count) == 0
        else { return }
        last = value
    }

    /// - Returns: nil while there is none, or none that can be read.
    static func read(_ settings: HubSettings) -> RegistryInForce? {
        guard let bytes = try? Files.read(settings.registryInForce, limit: RegistryInForce.largest) else {
            return nil
        }
        return try? JSONDecoder().decode(RegistryInForce.self, from: Data(bytes))
    }
}
