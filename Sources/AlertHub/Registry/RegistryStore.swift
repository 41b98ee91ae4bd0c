internal import Alerts
internal import AlertStore
internal import Identity
internal import Platform
internal import Provinces
internal import Settings

/// Where the registry is kept: the one door to it, for all who read or change it.
protocol RegistryStore: Sendable {
    /// For people: a path, or the name of a database.
    var location: String { get }
    /// - Returns: an empty registry where there is none yet.
    func read() throws -> Registry
    /// What is there, in order or not; empty where there is nothing.
    func text() throws -> [UInt8]
    /// Reads, changes and writes, so that of two changes at once none is lost: the edit may be made more than once.
    func change(_ edit: (inout [EnrolledIdentity]) throws -> Void) throws
    /// Puts a text in the place of what is there, whatever that is. Throws where it is not a registry.
    func replace(with text: [UInt8]) throws
}

extension HubSettings {
    /// With the log where hubs share one, else the file.
    func registryStore(_ provinces: ProvinceDirectory) -> any RegistryStore {
        let file = RegistryFile(path: registry.path, provinces: provinces)
        guard let log = log as? any SharedLog else { return file }
        return SharedRegistry(log, former: file, hub: hubName)
    }

    /// As its key's file says it; that file's own name where who changes the registry can't read it.
    var hubName: String {
        (try? KeyFiles.readSecret(key.path))?.name ?? StoreSettings.hubName(key: key.path)
    }
}

extension RegistryFile: RegistryStore {
    var location: String { path }

    func text() throws -> [UInt8] { try RegistryFile.bytes(of: path) }

    func change(_ edit: (inout [EnrolledIdentity]) throws -> Void) throws {
        try locked {
            var identities = try read().identities
            try edit(&identities)
            try write(Registry(identities))
        }
    }

    func replace(with text: [UInt8]) throws {
        _ = try RegistryText(name: "the new registry", provinces: provinces).content(of: text)
        try locked { try Files.writeAtomically(text, to: path, mode: 0o640) }
    }

    private func locked(_ work: () throws -> Void) throws {
        guard let lock = try FileLock.acquire(path + ".lock") else {
            throw Failure(
                "\(path) is being changed by another command", remedy: "try again", status: .tempFail)
        }
        try work()
        _ = consume lock
    }
}
