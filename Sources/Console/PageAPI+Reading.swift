internal import AlertFeed
internal import Alerts
internal import FoundationEssentials
internal import HTTP
internal import Identity
internal import Platform
internal import ResponseReport
internal import Wire

/// One alert, and searches: asked of the hub; of what the page has where the hub can't be asked.
extension PageAPI {
    /// Alerts of one search, at most.
    static let mostFound = 500

    // MARK: One alert

    func alert(_ id: AlertID) -> HTTPResponse {
        let isUp = board.read { $0.link.isUp }
        var alerts: [ReadAlert] = []
        var isCut = false
        // One connection for all that is asked.
        let inquiry = isUp ? try? AlertInquiry(settings.reader, provinces: provinces) : nil
        if let inquiry {
            do { isCut = try inquiry.find(id) { alerts.append($0) }.isCut } catch {
                alerts = []
            }
        }
        // What was shown before can be looked at without the hub.
        if alerts.isEmpty { alerts = board.read { $0.window.thread(of: id).map(\.read) } }
        guard let subject = alerts.first(where: { $0.facts?.id == id.bytes }) else {
            return isUp
                ? APIError(404, "no-alert", "there is no such alert that you may read").response
                : APIError(503, "link-down", "the hub can't be asked now").response
        }
        let seen = try? inquiry?.seen(id)
        let related = try? inquiry?.related(to: id)
        let text =
            "{\"alerts\":\(AlertLine.list(alerts)),\"more\":\(isCut),\"seen\":\(seenJSON(seen ?? nil)),"
            + "\"related\":\(related.map { APILine.text($0) } ?? "null"),\"proof\":\(APILine.text(proof(of: subject)))}"
        return APIError.json(200, Array(text.utf8))
    }

    private func seenJSON(_ seen: Reply.Seen?) -> String {
        seen.flatMap { try? SeenReport($0).json() } ?? "null"
    }

    private func proof(of read: ReadAlert) -> ProofLine {
        let vouched = board.read { $0.vouched }
        return ProofLine(
            signedBy: read.post, key: read.signer?.fingerprint, checked: read.check.rawValue,
            offset: read.streamed.offset, log: vouched?.log,
            checkpoint: vouched.map { ProofLine.Checkpoint(offset: $0.offset, time: moment($0.time)) })
    }

    // MARK: Searches

    func search(_ request: HTTPRequest) -> HTTPResponse {
        let words = (request.query["words"] ?? "").split(separator: " ").map(String.init)
        guard words.count <= 16, let wanted = SearchWords(words, in: provinces) else {
            return APIError(400, "no-words", "each word needs a letter or a digit, and there may be 16")
                .response
        }
        let limit = min(max(request.query["limit"].flatMap { Int($0) } ?? 200, 1), PageAPI.mostFound)
        return queries.ask { [self] in
            do { return try search(wanted, limit) } catch {
                return APIError(503, "link-down", "the hub can't be asked now: \(error)").response
            }
        }
    }

    /// The latest come first on the page: all are looked through, and the last ones kept.
    private func search(_ words: SearchWords, _ limit: Int) throws -> HTTPResponse {
        var query = FeedClient.Query()
        query.words = words
        query.follows = false
        query.start = .last(PageAPI.mostSearched)
        let client = try FeedClient(query, settings.reader, provinces: provinces)
        defer { client.close(farewell: .zero) }
        var found: [ReadAlert] = []
        var isMore = false
        while let batch = try client.next() {
            found += batch.alerts.map(\.unread)
            isMore = isMore || found.count > limit
            found = found.suffix(limit)
        }
        let text = "{\"alerts\":\(AlertLine.list(found)),\"more\":\(isMore)}"
        return APIError.json(200, Array(text.utf8))
    }

    /// Alerts that one search looks through: the latest.
    static let mostSearched = 200_000
}

/// What proves an alert, as far as this program has checked it.
struct ProofLine: Encodable {
    struct Checkpoint: Encodable {
        var offset: UInt64
        var time: String
    }

    var signedBy: String
    /// The key's fingerprint; nil where no key here verifies it.
    var key: String?
    /// `valid`, `invalid`, or `unknown` where there is no key to check it with.
    var checked: String
    var offset: UInt64
    /// The log's number.
    var log: String?
    /// The hub's latest signed word for its log that agrees with what was read here.
    var checkpoint: Checkpoint?

    private enum CodingKeys: String, CodingKey {
        case signedBy = "signed_by"
        case key, checked, offset, log, checkpoint
    }
}
