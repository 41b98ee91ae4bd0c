internal import HTTP
internal import Platform
internal import Settings

/// What the metrics' address answers. Runs on the server's thread, and sees the loop through the board alone.
struct Pages: Sendable {
    let board: StatusBoard

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        switch request.path {
        case "/metrics": metrics(request)
        case "/healthz": health()
        case "/readyz": readiness()
        default: HTTPResponse(404, "there are /metrics, /healthz and /readyz")
        }
    }

    private func metrics(_ request: HTTPRequest) -> HTTPResponse {
        guard let report = board.report else { return HTTPResponse(503, "the hub is starting") }
        let format: MetricsText.Format =
            request.accept.contains("application/openmetrics-text") ? .openMetrics : .prometheus
        let text = MetricsText.make(report, version: programVersion, format)
        return HTTPResponse(200, type: format.type, Array(text.utf8))
    }

    /// Alive: it starts, or the loop has turned within the watchdog's time.
    private func health() -> HTTPResponse {
        guard let since = board.sinceBeat(steadyClock()) else { return HTTPResponse(200, "starting") }
        return since <= board.limit
            ? HTTPResponse(200, "alive")
            : HTTPResponse(503, "the loop has been stuck for \(since.settingText)")
    }

    private func readiness() -> HTTPResponse {
        switch board.phase {
        case .starting: HTTPResponse(503, "starting")
        case .stopping: HTTPResponse(503, "stopping")
        case .ready: HTTPResponse(200, "ready")
        }
    }
}
