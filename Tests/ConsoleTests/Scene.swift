import AlertHub
import AlertPost
import Foundation
import Identity
import Platform
import Settings

@testable import Console

/// A hub, a post and a console of one test, in this process and in a directory that goes with the object: real sockets, real
/// files.
final class Scene {
    static let deadline = Duration.seconds(30)

    let directory: String
    private(set) var hub: Hub
    private(set) var post: Post?
    private(set) var console: Console?
    private var control = 0
    private var ingest = 0
    private let hasDesk: Bool

    /// - hasDesk: whether the console writes for the post.
    init(hasDesk: Bool = false) throws {
        self.hasDesk = hasDesk
        // A local socket's path has at most 107 bytes.
        directory = "/tmp/console-" + UUID().uuidString.prefix(8)
        for part in ["", "/hub", "/post", "/console", "/posts", "/page", "/page/strings", "/desk"] {
            try FileManager.default.createDirectory(
                atPath: directory + part, withIntermediateDirectories: false,
                attributes: [.posixPermissions: part == "/desk" ? 0o750 : 0o700])
        }
        try Data("<!doctype html><title>page</title>".utf8).write(
            to: URL(fileURLWithPath: directory + "/page/index.html"))
        try Data("{}".utf8).write(to: URL(fileURLWithPath: directory + "/page/strings/km.json"))
        for name in ["hub", "koh-kong", "desk"] {
            _ = try KeyFiles.generate(name: name, directory: directory)
        }
        try FileManager.default.copyItem(
            atPath: directory + "/koh-kong.pub", toPath: directory + "/posts/koh-kong.pub")
        let settings = try Scene.hubSettings(directory, control: 0, ingest: 0)
        let enrolment = try Enrolment(settings)
        _ = try enrolment.enroll(
            try KeyFiles.readPublic(directory + "/koh-kong.pub"), publish: ["koh-kong"], read: ["koh-kong"],
            duty: ["koh-kong"])
        _ = try enrolment.enroll(
            try KeyFiles.readPublic(directory + "/desk.pub"), publish: [], read: ["koh-kong"],
            duty: ["koh-kong"], may: ["ack"])
        hub = try Hub(settings)
        try hub.start()
        control = hub.address?.control ?? 0
        ingest = hub.address?.ingest ?? 0
    }

    deinit {
        try? console?.stop()
        try? post?.stop()
        try? hub.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func startPost() throws {
        let post = try Post(postSettings())
        try post.start()
        self.post = post
    }

    func stopPost() throws {
        try post?.stop()
        post = nil
    }

    /// - extra: further lines of the console's settings.
    func startConsole(_ extra: String = "") throws -> Browser {
        let console = try Console(consoleSettings(extra))
        try console.start()
        self.console = console
        return Browser(port: port)
    }

    var port: Int {
        console?.address?.split(separator: ":").last.flatMap { Int($0) } ?? 0
    }

    func stopConsole() throws {
        try console?.stop()
        console = nil
    }

    func stopHub() throws { try hub.stop() }

    /// Where it was.
    func restartHub() throws {
        hub = try Hub(try Scene.hubSettings(directory, control: control, ingest: ingest))
        try hub.start()
    }

    // MARK: Settings

    private static func hubSettings(_ directory: String, control: Int, ingest: Int) throws -> HubSettings {
        try read(
            """
            key = "hub.key"
            registry = "registry.toml"
            state = "hub"
            provinces = "\(WindowFixture.repository)/config/provinces.toml"
            listen = { address = "127.0.0.1", control = \(control), ingest = \(ingest), feeds = [0, 0] }
            metrics = { serve = false }
            """, directory + "/hub.toml")
    }

    func postSettings() throws -> PostSettings {
        try Scene.read(
            """
            key = "koh-kong.key"
            state = "post"
            province = "koh-kong"
            desk = "desk"
            provinces = "\(WindowFixture.repository)/config/provinces.toml"
            hub = { host = "127.0.0.1", control = \(control), key = "hub.pub" }
            """, directory + "/post.toml")
    }

    func consoleSettings(_ extra: String = "") throws -> ConsoleSettings {
        try Scene.read(
            """
            key = "desk.key"
            state = "console"
            posts = "posts"
            page = "page"
            port = 0
            \(hasDesk ? "post = \"post.toml\"" : "")
            provinces = "\(WindowFixture.repository)/config/provinces.toml"
            \(extra)
            [hub]
            host = "127.0.0.1"
            control = \(control)
            key = "hub.pub"
            """, directory + "/console.toml")
    }

    private static func read<Value: Decodable>(_ text: String, _ path: String) throws -> Value {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try decodeTOML(Value.self, file: path)
    }

    // MARK: Alerts

    static let draft = #"{"kind":"suspect","headline":"Invented","suspect":{"role":"recruiter"}}"#

    /// Queues invented alerts and tells the post's daemon.
    func publish(_ count: Int, _ draft: String = Scene.draft) throws {
        let settings = try postSettings()
        let publisher = try Publisher(settings)
        defer { publisher.close() }
        _ = try publisher.queue([[UInt8]](repeating: Array(draft.utf8), count: count))
        try DaemonContact(settings).notify(watch: false)
    }
}
