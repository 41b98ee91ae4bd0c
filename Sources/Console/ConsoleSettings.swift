public import AlertFeed
internal import Platform
public import Settings

/// A console's settings file, `console.toml`: those of a reader, and what its page needs; config/console.toml shows every key
/// with its default.
public struct ConsoleSettings: Sendable, Decodable {
    /// The language in which a page begins that has none of its own yet.
    public enum Language: String, Sendable, Codable, CaseIterable {
        case khmer = "km"
        case english = "en"
    }

    /// Key, hub, posts' keys. Its state directory holds the local socket and the analyst's outbox.
    public var reader: ReaderSettings
    public var state: SettingsPath
    /// TCP port of the page on 127.0.0.1; 0: any free one.
    public var port: Int
    /// The directory of the page's files.
    public var page: SettingsPath?
    /// The settings file of the post on this machine that alerts are written for; nil: none are written.
    public var post: SettingsPath?
    public var language: Language
    public var window: Window.Bounds
    public static let usualPort = 9580
    /// Where an installed system keeps the page, and where a working tree does.
    public static let systemPage = "/usr/share/borderwire/console"
    static let treePage = "Sources/borderwire-console/page"

    private enum CodingKeys: String, CodingKey { case state, port, page, post, language, window }

    public init(from decoder: any Decoder) throws {
        reader = try ReaderSettings(from: decoder)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        // A reader can do without.
        state = try values.decode(SettingsPath.self, forKey: .state)
        port = try values.value(.port, default: ConsoleSettings.usualPort, in: 0...65_535)
        page = try values.decodeIfPresent(SettingsPath.self, forKey: .page)
        post = try values.decodeIfPresent(SettingsPath.self, forKey: .post)
        language = try values.value(.language, default: .khmer)
        window = try values.decodeIfPresent(Window.Bounds.self, forKey: .window) ?? Window.Bounds()
    }

    /// Where `borderwire-console open` reaches the daemon. The state directory's mode, and the daemon's look at who it is, say who
    /// may.
    public var localSocket: String { Files.path("console.socket", from: state.path) }
    /// Held by the daemon while it runs.
    var lockFile: String { Files.path("console.lock", from: state.path) }
    /// Without a page in its settings the system's, else that of a tree which holds the program.
    var pageDirectory: String {
        let usual = try? Files.installed(ConsoleSettings.systemPage, orInTree: ConsoleSettings.treePage)
        return page?.path ?? usual ?? ConsoleSettings.systemPage
    }
}
