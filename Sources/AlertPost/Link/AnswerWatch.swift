package import Alerts
package import Wire

/// The alerts whose responses programs on this machine wait for. The hub is asked about each of them once over each link, and
/// each time that a program asks; of what comes later it tells unasked.
struct AnswerWatch: Sendable, Equatable {
    /// Alerts that are waited for at once; beyond it the oldest is forgotten.
    static let most = 1_000
    /// Questions under way.
    static let askedAtOnce = 8

    private var watched: [AlertID] = []
    /// Not asked about yet.
    private var open: [AlertID] = []
    private var asked: [UInt64: AlertID] = [:]

    mutating func add(_ alert: AlertID) {
        if !watched.contains(alert) { watched.append(alert) }
        if watched.count > AnswerWatch.most { watched.removeFirst() }
        if !open.contains(alert), !asked.values.contains(alert) { open.append(alert) }
        if open.count > AnswerWatch.most { open.removeFirst() }
    }

    /// A new link is up: what was asked over the one before stays without an answer, and is asked again.
    mutating func restart() {
        asked = [:]
        open = watched
    }

    mutating func questions(_ number: inout UInt64) -> [Request] {
        var questions: [Request] = []
        while asked.count < AnswerWatch.askedAtOnce, !open.isEmpty {
            let alert = open.removeFirst()
            number += 1
            asked[number] = alert
            questions.append(.seen(Request.Seen(request: number, alert: alert.description)))
        }
        return questions
    }

    /// What the hub says to a question.
    mutating func take(_ seen: Reply.Seen) -> [AlertAnswer] {
        guard let alert = asked.removeValue(forKey: seen.request), alert.description == seen.alert else {
            return []
        }
        let first = seen.acknowledgers.first { $0.time == seen.acknowledged }
        // Of several it is not said which one was the first.
        let readers = (seen.names?.seen ?? []) + (seen.names?.others ?? [])
        return [
            (Reply.Answered.What.seen, seen.seen, readers.count == 1 ? readers.first : nil),
            (.acknowledged, seen.acknowledged, first?.identity),
            (.sighted, seen.sighted, nil),
        ].compactMap { what, time, by in
            time.map {
                AlertAnswer(
                    alert: seen.alert, what: what, by: by, time: $0, seenBy: seen.seenBy, onDuty: seen.onDuty)
            }
        }
    }

    /// - Returns: false when the refusal is of a request that was not made here. A question that the hub can't answer now is
    ///   asked again over the next link, or when the program asks again.
    mutating func refused(_ request: UInt64?) -> Bool {
        request.flatMap { asked.removeValue(forKey: $0) } != nil
    }

    /// Takes what the hub tells unasked, and gives what of it anybody waits for.
    func take(_ answered: Reply.Answered) -> [AlertAnswer] {
        answered.alerts.filter { AlertID($0.alert).map(watched.contains) ?? false }.map {
            AlertAnswer(alert: $0.alert, what: $0.what, by: $0.by, time: $0.time)
        }
    }
}

/// Something has come of an alert of this post.
package struct AlertAnswer: Sendable, Equatable, Codable {
    package var alert: String
    package var what: Reply.Answered.What
    /// nil: it is not known by whom first.
    package var by: String?
    /// By the hub's clock, ms since 1970.
    package var time: Int64
    /// Of the identities that were on duty for it, how many have seen it, and how many there were; nil: the hub told this unasked.
    package var seenBy: Int?
    package var onDuty: Int?
}

extension PostLink {
    /// A program wants to hear what comes of an alert.
    package mutating func watch(_ alert: AlertID) -> [Action] {
        answers.add(alert)
        return askForAnswers()
    }

    mutating func askForAnswers() -> [Action] {
        isWelcomed ? answers.questions(&request).map { .ask($0) } : []
    }

    mutating func told(_ seen: Reply.Seen) -> [Action] {
        let told = answers.take(seen)
        return (told.isEmpty ? [] : [.answered(told)]) + askForAnswers()
    }

    func told(_ answered: Reply.Answered) -> [Action] {
        let told = isWelcomed ? answers.take(answered) : []
        return told.isEmpty ? [] : [.answered(told)]
    }
}
