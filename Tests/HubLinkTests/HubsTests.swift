import Alerts
import Foundation
import Identity
import LogProof
import Settings
import Testing
import Wire

@testable import HubLink

/// The hubs of a post's or an analyst's settings.
@Suite("Known hubs")
struct HubsTests {
    /// A directory with the public keys of some hubs, removed with it.
    private final class Directory {
        let path = NSTemporaryDirectory() + "hubs-" + UUID().uuidString

        init(_ names: [String]) throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            for name in names { _ = try KeyFiles.generate(name: name, directory: path) }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func hubs(_ names: [String], spreading reader: String? = nil) throws -> Hubs {
            let text = names.map { "[[hub]]\nhost = '\($0).example'\nkey = '\($0).pub'\n" }.joined()
            let file = path + "/a.toml"
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            return try Hubs(decodeTOML(Known.self, file: file).hub, state: path, spreading: reader)
        }
    }

    private struct Known: Decodable {
        var hub: HubList
    }

    @Test("a post tries them in the order of its settings")
    func order() throws {
        let names = ["hub-c", "hub-a", "hub-b"]
        let hubs = try Directory(names).hubs(names)
        #expect(hubs.known.names == names)
        #expect(hubs.addresses.map(\.place) == names.map { "\($0).example:5560" })
    }

    @Test(
        "readers spread evenly over the hubs, whatever the order of the settings, and so do those of a hub that is lost"
    )
    func spread() throws {
        let names = ["hub-a", "hub-b", "hub-c"]
        let directory = try Directory(names)
        var first: [String: Int] = [:]
        var second: [String: [String: Int]] = [:]
        for number in 0..<300 {
            let hubs = try directory.hubs(names, spreading: "reader-\(number)")
            #expect(
                try directory.hubs(names.reversed(), spreading: "reader-\(number)").known.names
                    == hubs.known.names)
            first[hubs.known.names[0], default: 0] += 1
            second[hubs.known.names[0], default: [:]][hubs.known.names[1], default: 0] += 1
        }
        #expect(first.count == 3 && first.values.allSatisfy { $0 > 70 }, "\(first)")
        #expect(second.values.allSatisfy { $0.count == 2 && $0.values.allSatisfy { $0 > 25 } }, "\(second)")
    }

    @Test("each hub is known by its own key, and what it hands over to is kept apart")
    func keys() throws {
        let names = ["hub-a", "hub-b"]
        let directory = try Directory(names)
        let hubs = try directory.hubs(names)
        let known = hubs.known
        #expect(known.keys.map(\.name) == names)
        known.select(1)
        #expect(known.current.name == "hub-b")
        let secret = try KeyFiles.readSecret(directory.path + "/hub-b.key")
        let next = IdentityKeys(name: "hub-b").publicKeys
        let succession = Succession(from: secret, to: next, time: .init(milliseconds: 1))
        guard case .taken = known.learn(succession) else {
            Issue.record("not taken over")
            return
        }
        #expect(known.successor == next)
        known.select(0)
        #expect(known.successor == nil)
        let again = try directory.hubs(["hub-b", "hub-a"]).known
        #expect(again.successor == next)
        #expect(again.keys.map(\.name) == ["hub-b", "hub-b", "hub-a"])
    }

    @Test("two hubs of one name are refused")
    func twice() throws {
        let directory = try Directory(["hub-a"])
        #expect { _ = try directory.hubs(["hub-a", "hub-a"]) } throws: {
            "\($0)".contains("second hub named hub-a")
        }
    }
}
