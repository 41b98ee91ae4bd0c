import Foundation
import ProcessHarness
import Testing

/// What most claims need: a hub, the post of Koh Kong, a national analyst; all enrolled, none started.
struct Deployment {
    let testbed: Testbed
    let hub: TestHub
    let post: TestPost
    let national: TestAnalyst

    static func make(_ testbed: Testbed, extra: String) async throws -> Deployment {
        let hub = try testbed.hub(extra: extra)
        return Deployment(
            testbed: testbed, hub: hub, post: try await testbed.post("koh-kong", hub),
            national: try await testbed.analyst("national", hub, read: ["all"]))
    }

    func start() async throws {
        try await hub.start()
        try await post.start()
    }

    /// Everything that the national analyst may read of the log, read anew.
    func log() async throws -> [TailLine] {
        let account = try await national.run("tail", ["--no-follow", "--format", "json"])
        try account.expect(0, "tail")
        return try account.output.map(TailLine.init(line:))
    }
}

/// Runs a claim's deployment, as soon as there is room for it.
func withDeployment(extra: String = "", _ body: (Deployment) async throws -> Void) async throws {
    try await withTestbed { testbed in try await body(try await Deployment.make(testbed, extra: extra)) }
}

/// Changes a settings file.
func replace(_ old: String, _ new: String, in path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(
        toFile: path, atomically: true, encoding: .utf8)
}

enum Draft {
    static func suspect(
        _ headline: String, provinces: [String] = ["koh-kong"], status: String = "Actual",
        more: String = ""
    ) -> String {
        """
        {"kind": "suspect", "status": "\(status)", "provinces": \(list(provinces)), "headline": "\(headline)", \
        "suspect": {"role": "transporter", "ageRange": {"min": 30, "max": 40}}\(more)}
        """
    }

    static func movement(_ headline: String, provinces: [String] = ["koh-kong"]) -> String {
        """
        {"kind": "movement", "provinces": \(list(provinces)), "headline": "\(headline)", \
        "movement": {"mode": "road", "direction": "out", "people": 6, "minors": 0}}
        """
    }

    static func many(_ count: Int) -> [String] { (1...count).map { suspect("Van number \($0) waits") } }

    private static func list(_ texts: [String]) -> String {
        "[" + texts.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }
}

/// A line of `borderwire tail --format json`, with every member that the documentation names.
struct TailLine: Decodable {
    var offset: Int
    var topic: String
    var topicSequence: Int
    var post: String
    var epoch: String
    var sequence: Int
    var received: String
    var verified: Bool
    var alert: Alert

    struct Alert: Decodable {
        var id: String
        var sender: String
        var status: String
        var headline: Text
        var description: Text?
    }

    struct Text: Decodable {
        var km: String?
        var en: String?
    }

    init(line: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(TailLine.self, from: Data(line.utf8))
    }
}

/// A line of `borderwire-post publish --format json`.
struct PublishLine: Decodable {
    var id: String?
    var sequence: Int?
    var state: String
    var offset: Int?
    var ms: Int?
    var reason: String?
    var line: Int?

    init(line: String) throws {
        self = try JSONDecoder().decode(PublishLine.self, from: Data(line.utf8))
    }
}

extension Account {
    /// What a person sees, for `contains`.
    var words: String { (output + talk).joined(separator: "\n") }
    func published() throws -> [PublishLine] { try output.map(PublishLine.init(line:)) }
}
