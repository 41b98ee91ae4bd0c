internal import AlertFeed
internal import AlertPost
internal import Alerts
internal import FoundationEssentials
internal import HTTP
internal import Platform
internal import ResponseReport
internal import Settings
internal import Synchronization
internal import Wire

/// What is behind `/api/`, but for sessions and streams.
final class PageAPI: Sendable {
    let settings: ConsoleSettings
    let provinces: ProvinceDirectory
    let board: Board
    let queries: QueryThreads
    /// nil: nothing can be written here.
    let desk: (any WritingDesk)?
    /// Tells the hub what is before a person's eyes; set while there is a link.
    let shown = Mutex<(@Sendable ([ReadAlert]) -> Void)?>(nil)

    init(
        _ settings: ConsoleSettings, _ provinces: ProvinceDirectory, _ board: Board, _ queries: QueryThreads,
        desk: (any WritingDesk)?
    ) {
        (self.settings, self.provinces, self.board) = (settings, provinces, board)
        (self.queries, self.desk) = (queries, desk)
    }

    func get(_ name: String, _ request: HTTPRequest) -> HTTPResponse {
        switch name {
        case "start": return start()
        case "alert":
            guard let id = request.query["id"].flatMap({ AlertID($0) }) else {
                return APIError(400, "no-id", "id is no alert's id").response
            }
            return queries.ask { [self] in alert(id) }
        case "search": return search(request)
        case "outbox": return outbox()
        default: return APIError(404, "unknown", "there is no such question").response
        }
    }

    func post(_ name: String, _ request: HTTPRequest) -> HTTPResponse {
        switch name {
        case "shown": return noteShown(request.body)
        case "check": return check(request.body)
        case "publish": return publish(request.body)
        case "ack": return acknowledge(request.body)
        default: return APIError(404, "unknown", "there is no such question").response
        }
    }

    private func start() -> HTTPResponse {
        let (welcome, skew) = board.read { ($0.welcome, $0.skew) }
        let grant = welcome.flatMap { Grant(slugs: $0.read) }
        let author = desk?.author
        let publishes = author?.publishes ?? false
        let line = StartLine(
            identity: welcome?.identity,
            hubTime: welcome.map { _ in moment(wallClockMilliseconds() &+ skew) },
            language: settings.language.rawValue,
            may: StartLine.May(
                write: publishes, ack: publishes || desk != nil && (welcome?.mayPublish ?? false),
                sight: publishes),
            post: author.flatMap { author in
                author.publishes ? StartLine.Post(name: author.name, province: author.province) : nil
            },
            provinces: provinces.provinces.map { StartLine.Province($0, grant) },
            crossings: provinces.crossings.map { StartLine.Crossing($0, provinces) },
            limits: StartLine.Limits(window: settings.window.alerts))
        return APIError.json(200, APILine.bytes(line))
    }

    private struct Shown: Decodable { var offsets: [UInt64] }

    private func noteShown(_ body: [UInt8]) -> HTTPResponse {
        guard let said = try? JSONDecoder().decode(Shown.self, from: Data(body)) else {
            return APIError(400, "malformed", "offsets is a list of whole numbers").response
        }
        let alerts = board.read { $0.window.entries(at: said.offsets).map(\.read) }
        shown.withLock { $0 }?(alerts)
        return HTTPResponse(204, [])
    }
}
