internal import Alerts
internal import AlertStore
internal import Glibc
internal import Platform
internal import Settings

/// The registry of hubs that share a log: each version's whole text is in it, and only added to.
struct SharedRegistry: RegistryStore {
    /// Changes that may come between a reading and its change before it is given up.
    static let tries = 100

    private let log: any SharedLog
    /// What a hub has had before it shared its log.
    private let former: RegistryFile
    private let hub: String

    init(_ log: any SharedLog, former: RegistryFile, hub: String) {
        self.log = log
        self.former = former
        self.hub = hub
    }

    var location: String { log.location }

    /// What errors call a version.
    static func name(_ number: UInt64, _ location: String) -> String {
        "version \(number) of the registry in \(location)"
    }

    func read() throws -> Registry {
        let open = try log.registry()
        defer { open.close() }
        return try registry(try open.newest())
    }

    func text() throws -> [UInt8] {
        let open = try log.registry()
        defer { open.close() }
        return try open.newest()?.text ?? []
    }

    func history(limit: Int) throws -> [RegistryVersion] {
        let open = try log.registry()
        defer { open.close() }
        return try open.history(limit: limit)
    }

    func change(_ edit: (inout [EnrolledIdentity]) throws -> Void) throws {
        try add { newest in
            var identities = try registry(newest).identities
            try edit(&identities)
            return Array(RegistryText.text(of: Registry(identities)).utf8)
        }
    }

    func replace(with text: [UInt8]) throws {
        _ = try RegistryText(name: "the new registry", provinces: former.provinces).content(of: text)
        try add { _ in text }
    }

    /// As often as another change was first.
    private func add(_ text: (RegistryVersion?) throws -> [UInt8]) throws {
        let open = try log.registry()
        defer { open.close() }
        for _ in 0..<SharedRegistry.tries {
            let newest = try open.newest()
            let new = try text(newest)
            guard new.count <= RegistryText.largest else {
                throw Failure(
                    "the registry would have \(new.count) bytes, and can have \(RegistryText.largest)",
                    remedy: "revoke who is no longer needed", status: .dataError)
            }
            let version = RegistryVersion(
                number: (newest?.number ?? 0) + 1, at: Timestamp(milliseconds: wallClockMilliseconds()),
                who: SharedRegistry.who(hub), text: new)
            if try open.add(version) { return }
        }
        throw Failure(
            "the registry in \(location) is being changed by others all the time", remedy: "try again",
            status: .tempFail)
    }

    private func registry(_ version: RegistryVersion?) throws -> Registry {
        guard let version else {
            try expectNothingBefore()
            return Registry()
        }
        let name = SharedRegistry.name(version.number, location)
        return try RegistryText(name: name, provinces: former.provinces).content(of: version.text).registry
    }

    /// Nobody is cut off unseen by a hub that begins to share a log.
    private func expectNothingBefore() throws {
        let count = try former.read().identities.count
        guard count == 0 else {
            throw Failure(
                "\(location) has no registry yet, and \(former.path) has \(count) identities",
                remedy:
                    "borderwire-hub registry replace \(former.path) takes them over, or move that file away to begin with nobody",
                status: .config)
        }
    }

    /// Bytes of a user's name that are kept.
    private static let longestName = 64

    /// The user who runs this, for who looks at the history; it proves nothing.
    static func who(_ hub: String) -> String {
        let user =
            getenv("SUDO_USER").map { String(cString: $0) }
            ?? getpwuid(getuid()).flatMap { $0.pointee.pw_name.map { String(cString: $0) } } ?? "\(getuid())"
        return String(decoding: Array(user.utf8.prefix(longestName)), as: UTF8.self) + "@" + hub
    }
}

/// A version of the registry as it was found in a shared log: what it says, or what is wrong with it.
struct FoundRegistry: Sendable {
    var number: UInt64
    var content: Result<Registry, SettingsError>

    init(_ version: RegistryVersion, _ location: String, _ provinces: ProvinceDirectory) {
        number = version.number
        let text = RegistryText(
            name: SharedRegistry.name(version.number, location), provinces: provinces)
        do throws(SettingsError) {
            content = .success(try text.content(of: version.text).registry)
        } catch {
            content = .failure(error)
        }
    }
}
