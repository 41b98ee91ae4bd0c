internal import Alerts
public import Identity
internal import Platform
public import Settings

/// Changes of the registry's file, one at a time, whoever makes them.
public struct Enrolment {
    private let file: RegistryFile
    private let provinces: ProvinceDirectory

    public init(_ settings: HubSettings) throws {
        provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
        file = RegistryFile(path: settings.registry.path, provinces: provinces)
    }

    public func identities() throws -> [Registered] { try file.read().identities }

    /// Adds an identity, or gives one that is there new grants: what was granted before is replaced.
    ///
    /// A name that is enrolled with other keys is refused: revoke it first, so that nobody takes over a name unseen.
    public func enroll(_ keys: PublicKeys, publish: [String], read: [String]) throws -> Registered {
        let new = Registered(keys: keys, publish: try grant(publish), read: try grant(read))
        guard !new.publish.isEmpty || !new.read.isEmpty else {
            throw EnrolmentError(
                "\(keys.name) would be granted nothing",
                remedy: "add --publish PROVINCE, --read PROVINCE or both")
        }
        try change { identities in
            for other in identities where other.keys.curve == keys.curve && other.name != keys.name {
                throw EnrolmentError(
                    "\(other.name) is enrolled with the same key", remedy: "make new keys for each identity")
            }
            if let index = identities.firstIndex(where: { $0.name == keys.name }) {
                guard identities[index].keys == keys else {
                    throw EnrolmentError(
                        "\(keys.name) is enrolled with other keys",
                        remedy:
                            "if they are to be replaced: borderwire-hub revoke \(keys.name), then enroll again"
                    )
                }
                identities[index] = new
            } else {
                identities.append(new)
            }
        }
        return new
    }

    public func revoke(_ name: String) throws {
        try change { identities in
            guard let index = identities.firstIndex(where: { $0.name == name }) else {
                let nearest = nearest(to: name, among: identities.map(\.name))
                throw EnrolmentError(
                    "\(printable(name)) is not in the registry",
                    remedy: nearest.map { "did you mean \($0)?" } ?? "borderwire-hub identities lists who is")
            }
            identities.remove(at: index)
        }
    }

    private func grant(_ texts: [String]) throws(EnrolmentError) -> Grant {
        do throws(Grant.Unknown) {
            return try Grant(texts, provinces: provinces)
        } catch {
            throw EnrolmentError(words(error), status: .usage)
        }
    }

    /// Reads, changes and writes under a lock, so that of two changes at once none is lost.
    private func change(_ edit: (inout [Registered]) throws -> Void) throws {
        guard let lock = try FileLock.acquire(file.path + ".lock") else {
            throw EnrolmentError(
                "\(file.path) is being changed by another command", remedy: "try again", status: .tempFail)
        }
        var identities = try file.read().identities
        try edit(&identities)
        try file.write(Registry(identities))
        _ = consume lock
    }
}

/// Why the registry was not changed.
public struct EnrolmentError: ProgramError, Equatable, CustomStringConvertible {
    public let cause: String
    public let remedy: String
    public let exitStatus: ExitStatus

    init(_ cause: String, remedy: String = "", status: ExitStatus = .dataError) {
        self.cause = cause
        self.remedy = remedy
        exitStatus = status
    }

    public var description: String { remedy.isEmpty ? cause : "\(cause); \(remedy)" }
}
