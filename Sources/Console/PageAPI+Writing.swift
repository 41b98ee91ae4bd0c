internal import AlertFeed
internal import AlertPost
internal import Alerts
internal import FoundationEssentials
internal import HTTP
internal import Settings
internal import Wire

/// Drafts, acknowledgements and the queue. What is written is never in the log, and is checked by whoever signs it.
extension PageAPI {
    // MARK: Alerts

    func check(_ draft: [UInt8]) -> HTTPResponse {
        atDesk { desk throws(DeskFailure) in
            let check = try desk.check(draft)
            return APIError.json(200, self.json(check, desk.author))
        }
    }

    func publish(_ draft: [UInt8]) -> HTTPResponse {
        guard desk?.author?.publishes ?? (settings.post != nil) else {
            return APIError(403, "no-post", "this console writes for no post").response
        }
        return atDesk { desk throws(DeskFailure) in self.answer(try desk.queue(draft), desk.author) }
    }

    private func answer(_ queued: DraftQueued, _ author: DraftAuthor?) -> HTTPResponse {
        switch queued {
        case .queued(let id, let sequence):
            board.change {
                $0.mine.put(DraftNews(id: id, sequence: sequence, state: .queued))
            }
            board.stir()
            return APIError.json(200, APILine.bytes(Queued(id: id, sequence: sequence)))
        case .invalid(let check): return APIError.json(422, json(check, author))
        }
    }

    private struct Queued: Encodable {
        var id: String
        var sequence: UInt64
    }

    /// With the alert as readers will see it, but for what the hub adds.
    private func json(_ check: DraftCheck, _ author: DraftAuthor?) -> [UInt8] {
        let preview =
            check.content.map { content in
                "{\"topic\":\"\(check.topic ?? "")\",\"post\":\"\(author?.name ?? "")\",\"verified\":true,"
                    + "\"state\":\"active\",\"alert\":\(content)}"
            } ?? "null"
        return Array(
            ("{\"problems\":\(APILine.text(check.problems)),\"notices\":\(APILine.text(check.notices)),"
                + "\"preview\":\(preview)}").utf8)
    }

    func outbox() -> HTTPResponse {
        atDesk { desk throws(DeskFailure) in
            APIError.json(200, APILine.bytes(Waiting(waiting: try desk.waiting().map { WaitingLine($0) })))
        }
    }

    private struct Waiting: Encodable { var waiting: [WaitingLine] }

    // MARK: Acknowledgements

    private struct Ack: Decodable {
        var id: String
        /// A text, or one in each language; nil: none.
        var note: Note?

        enum Note: Decodable {
            case text(String)
            case languages([String: String])

            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let text = try? value.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .languages(try value.decode([String: String].self))
                }
            }
        }
    }

    func acknowledge(_ body: [UInt8]) -> HTTPResponse {
        guard let ack = try? JSONDecoder().decode(Ack.self, from: Data(body)), let id = AlertID(ack.id) else {
            return APIError(
                400, "malformed", "an acknowledgement has the id of an alert, and may have a note"
            ).response
        }
        return atDesk { desk throws(DeskFailure) in
            guard let subject = self.subject(of: id) else {
                return APIError(404, "no-alert", "there is no such alert that you may read").response
            }
            var note: DraftText?
            switch ack.note {
            case .text(let text) where !text.isEmpty: note = DraftText(text)
            case .languages(let texts): note = DraftText(km: texts["km"], en: texts["en"])
            case .text, nil: break
            }
            let draft = AckDraft(
                id, subject, provinces: [desk.author?.province ?? subject.province], note: note)
            guard let bytes = try? draft.encoded() else {
                throw DeskFailure(code: "not-queued", words: "it can't be written as JSON")
            }
            return self.answer(try desk.queue(bytes), desk.author)
        }
    }

    /// What an acknowledgement says of its alert: one that the page has, or that the hub is asked for.
    private func subject(of id: AlertID) -> AckSubject? {
        if let entry = board.read({ $0.window.entry(of: id) }) { return entry.subject }
        return try? FeedClient.ackSubject(id, settings.reader, provinces: provinces)
    }

    // MARK: The desk

    /// Asked on a thread for questions.
    private func atDesk(
        _ ask: @escaping @Sendable (any WritingDesk) throws(DeskFailure) -> HTTPResponse
    ) -> HTTPResponse {
        guard let desk else { return APIError(403, "no-post", "nothing can be written here").response }
        return queries.ask {
            do throws(DeskFailure) { return try ask(desk) } catch {
                return APIError(503, error.code, error.words).response
            }
        }
    }
}

private struct WaitingLine: Encodable {
    var id: String
    var sequence: UInt64
    var queued: String?
    var kind: String?
    var headline: WaitingDraft.Headline?
    var state: DraftNews.State
    var code: String?
    var reason: String?

    init(_ draft: WaitingDraft) {
        (id, sequence, kind, headline) = (draft.id, draft.sequence, draft.kind, draft.headline)
        (state, code, reason) = (draft.state, draft.code, draft.reason)
        queued = draft.queued > 0 ? moment(draft.queued) : nil
    }
}

extension Window.Entry {
    /// What an acknowledgement of it says.
    fileprivate var subject: AckSubject? {
        guard let kind = read.facts?.knownKind, let status = read.facts?.knownStatus else { return nil }
        return AckSubject(kind: kind, status: status, province: read.streamed.topic.province)
    }
}
