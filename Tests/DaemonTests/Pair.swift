import AlertPost
import AlertStore
import Foundation
import Identity
import Platform
import Settings
import Wire

@testable import AlertHub

/// A hub and a post of one test, in this process and in a directory that goes with the object: real sockets on any free
/// ports, real files.
final class Pair {
    /// For whatever is waited for: a hub or a post that works needs a tenth of it.
    static let deadline = Duration.seconds(20)
    /// The repository's own provinces.
    static let provinces = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
            "config/provinces.toml"
        ).path

    let directory: String
    let settings: HubSettings
    let hub: Hub
    private(set) var post: Post?

    /// - log: the hub's, instead of files in its directory.
    init(log: (any LogBackend)? = nil) throws {
        directory = NSTemporaryDirectory() + "daemon-" + UUID().uuidString
        for part in ["", "/hub", "/post"] {
            try FileManager.default.createDirectory(
                atPath: directory + part, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
        }
        _ = try KeyFiles.generate(name: "hub", directory: directory)
        _ = try KeyFiles.generate(name: "koh-kong", directory: directory)
        var settings: HubSettings = try Pair.read(
            """
            key = "hub.key"
            registry = "registry.toml"
            state = "hub"
            provinces = "\(Pair.provinces)"
            listen = { address = "127.0.0.1", control = 0, ingest = 0, feeds = [0, 0] }
            metrics = { port = 0 }
            """, directory + "/hub.toml")
        if let log { settings.log = log }
        _ = try Enrolment(settings).enroll(
            try KeyFiles.readPublic(directory + "/koh-kong.pub"), publish: ["koh-kong"], read: [])
        self.settings = settings
        hub = try Hub(settings)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func start() throws {
        try hub.start()
        let post = try Post(postSettings())
        try post.start()
        self.post = post
    }

    func stop() throws {
        try post?.stop()
        try hub.stop()
    }

    /// Of a post that finds the hub where it listens now.
    func postSettings() throws -> PostSettings {
        try Pair.read(
            """
            key = "koh-kong.key"
            state = "post"
            province = "koh-kong"
            provinces = "\(Pair.provinces)"
            hub = { host = "127.0.0.1", control = \(hub.address?.control ?? 0), key = "hub.pub" }
            """, directory + "/post.toml")
    }

    /// Queues invented alerts and tells the post's daemon.
    func publish(_ count: Int) throws {
        let settings = try postSettings()
        let publisher = try Publisher(settings)
        defer { publisher.close() }
        let draft = Array(#"{"kind":"suspect","headline":"Invented","suspect":{"role":"recruiter"}}"#.utf8)
        _ = try publisher.queue([[UInt8]](repeating: draft, count: count))
        try DaemonContact(settings).notify(watch: false)
    }

    /// Waits until the hub says that it has stored as many, and the post that nothing waits.
    /// - Returns: how many the hub has stored when that is so, or at the deadline.
    func stored(_ expected: UInt64) throws -> UInt64 {
        let end = ContinuousClock.now + Pair.deadline
        while true {
            let stored = try StatusQuery.ask(settings, wait: Pair.deadline).stored
            if stored >= expected, try PostStatusQuery.ask(postSettings()).depth == 0 { return stored }
            guard ContinuousClock.now < end else { return stored }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    static func read<Value: Decodable>(_ text: String, _ path: String) throws -> Value {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try decodeTOML(Value.self, file: path)
    }
}
