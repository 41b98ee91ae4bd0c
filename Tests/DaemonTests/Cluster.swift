import AlertFeed
import AlertPost
import AlertStore
import Foundation
import Glibc
import Identity
import MemoryStore
import Platform
import Settings
import Wire

@testable import AlertHub

/// Three hubs of one test that share a log in memory, and a post and readers that know all of them: real sockets on any free ports.
final class Cluster {
    static let names = ["hub-a", "hub-b", "hub-c"]

    let directory: String
    let log = MemoryLog()
    let settings: [HubSettings]
    private(set) var hubs: [Hub]
    private(set) var post: Post?

    init() throws {
        directory = NSTemporaryDirectory() + "cluster-" + UUID().uuidString
        for part in ["", "/post", "/analyst"] + Cluster.names.map({ "/" + $0 }) {
            try FileManager.default.createDirectory(
                atPath: directory + part, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
        }
        for name in Cluster.names + ["koh-kong", "analyst"] {
            _ = try KeyFiles.generate(name: name, directory: directory)
        }
        let (directory, log) = (directory, log)
        settings = try Cluster.names.map { name in
            let port = try FreePort.next()
            // The ports are kept, so that a hub is found again after a start.
            var settings: HubSettings = try Pair.read(
                """
                key = "\(name).key"
                registry = "registry.toml"
                state = "\(name)"
                provinces = "\(Pair.provinces)"
                listen = { address = "127.0.0.1", control = \(port), ingest = 0, feeds = [0, 0] }
                metrics = { serve = false }
                """, directory + "/\(name).toml")
            settings.log = log
            return settings
        }
        let enrolment = try Enrolment(settings[0])
        _ = try enrolment.enroll(
            try KeyFiles.readPublic(directory + "/koh-kong.pub"), publish: ["koh-kong"], read: [])
        _ = try enrolment.enroll(
            try KeyFiles.readPublic(directory + "/analyst.pub"), publish: [], read: ["all"])
        hubs = try settings.map { try Hub($0) }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func startHubs() throws { for hub in hubs { try hub.start() } }

    /// Starts the hubs and the post.
    func start() throws {
        try startHubs()
        let post = try Post(postSettings())
        try post.start()
        self.post = post
    }

    func stop() throws {
        try post?.stop()
        for hub in hubs { try hub.stop() }
    }

    /// The place of the hub that writes now.
    func writer() throws -> Int {
        var writer: Int?
        try Cluster.wait("a hub that writes") {
            writer = try hubs.indices.first {
                try hubs[$0].address != nil && status($0).cluster?.writes == true
            }
            return writer != nil
        }
        return writer ?? 0
    }

    func status(_ place: Int) throws -> HubStatus {
        try StatusQuery.ask(settings[place], wait: Pair.deadline)
    }

    private var list: String {
        settings.map { settings in
            """
            [[hub]]
            host = "127.0.0.1"
            control = \(settings.listen.control)
            key = "\(URL(fileURLWithPath: settings.key.path).deletingPathExtension().lastPathComponent).pub"
            """
        }.joined(separator: "\n")
    }

    func postSettings() throws -> PostSettings {
        try Pair.read(
            """
            key = "koh-kong.key"
            state = "post"
            province = "koh-kong"
            provinces = "\(Pair.provinces)"
            \(list)
            """, directory + "/post.toml")
    }

    func readerSettings() throws -> ReaderSettings {
        try Pair.read(
            """
            key = "analyst.key"
            state = "analyst"
            provinces = "\(Pair.provinces)"
            \(list)
            """, directory + "/analyst.toml")
    }

    func publish(_ count: Int) throws {
        let settings = try postSettings()
        let publisher = try Publisher(settings)
        defer { publisher.close() }
        let draft = Array(#"{"kind":"suspect","headline":"Invented","suspect":{"role":"recruiter"}}"#.utf8)
        _ = try publisher.queue([[UInt8]](repeating: draft, count: count))
        try DaemonContact(settings).notify(watch: false)
    }

    /// Waits until the log has so many, and the post is answered for all.
    func waitStored(_ expected: UInt64) throws {
        try Cluster.wait("\(expected) stored") {
            try MemoryReader(log).head() >= expected && PostStatusQuery.ask(postSettings()).depth == 0
        }
    }

    /// - Throws: when it is not so in time.
    static func wait(_ what: String, until isSo: () throws -> Bool) throws {
        let end = ContinuousClock.now + Pair.deadline
        while try !isSo() {
            guard ContinuousClock.now < end else {
                throw Failure("\(what): not within \(Pair.deadline)", status: .tempFail)
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }
}

/// Ports that were free a moment ago.
enum FreePort {
    static func next() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, size) == 0 && getsockname(socket, pointer, &size) == 0
            }
        }
        guard bound else { throw Failure("no port is free", status: .osError) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
