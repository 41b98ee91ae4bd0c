public import Alerts
public import Wire

/// Which alerts still stand, as far as was read. A value: headers in offset order in, the standing of each alert out.
///
/// An Update, a Cancel or a withdrawal is of what it refers to, and of what has updated that before it: whoever cancels an alert
/// by its first id means all of it.
public struct Standings: Sendable {
    /// Ids kept; the oldest are forgotten, and what refers to them is of nothing seen.
    public static let most = 100_000
    /// Authors kept who dispute one alert.
    public static let mostDisputing = 100

    private struct Entry {
        var post: String
        var expires: Timestamp
        var update: AlertID?
        var end: Standing.State?
        /// Who calls it mistaken, each with the latest sighting that says so.
        var disputes: [String: AlertID] = [:]
    }

    private var entries: [AlertID: Entry] = [:]
    private var order: [AlertID] = []
    private var next = 0

    public init() {}

    /// Takes note of who wrote an alert. Of several with one id the first counts.
    public mutating func note(_ id: AlertID, by post: String, expires: Timestamp) {
        guard entries[id] == nil else { return }
        entries[id] = Entry(post: post, expires: expires)
        if order.count < Standings.most {
            order.append(id)
        } else {
            entries[order[next]] = nil
            order[next] = id
            next = (next + 1) % Standings.most
        }
    }

    /// The same of a header, and what it says of other alerts.
    /// - isSigned: whether its author sealed it; of a notice, whether the hub did. isMistaken: it is a sighting that calls the
    ///   alert mistaken.
    public mutating func take(_ header: PostHeader, isSigned: Bool, isMistaken: Bool = false) {
        let facts = header.facts
        guard let id = AlertID(bytes: facts.id) else { return }
        note(id, by: header.post, expires: facts.expires)
        guard isSigned else { return }
        switch facts.notice {
        case .withdrawal: for target in facts.references { end(target, .withdrawn) }
        case .erasure: break
        case nil:
            let isCancel = facts.messageType == MessageType.cancel.code
            for target in facts.changes where isBy(header.post, target) {
                if isCancel { end(target, .cancelled) } else { update(target, by: id) }
            }
            guard isMistaken, let subject = facts.answered.flatMap({ AlertID(bytes: $0) }) else { return }
            let disputes = entries[subject]?.disputes ?? [:]
            guard disputes[header.post] != nil || disputes.count < Standings.mostDisputing else { return }
            entries[subject]?.disputes[header.post] = id
        }
    }

    /// Who wrote an alert; nil: it was not seen.
    public func post(of id: AlertID) -> String? { entries[id]?.post }

    /// nil: the alert was not seen.
    public func standing(of id: AlertID, at now: Timestamp) -> Standing? {
        guard let entry = entries[id] else { return nil }
        var standing = Standing(disputedBy: disputing(entry, at: now))
        if let end = entry.end {
            standing.state = end
        } else if let update = entry.update {
            (standing.state, standing.replacedBy) = (.updated, update)
        } else if entry.expires <= now {
            standing.state = .expired
        }
        return standing
    }

    /// A sighting that was changed or withdrawn disputes nothing any more; one whose time is over has said it all the same.
    private func disputing(_ entry: Entry, at now: Timestamp) -> [String] {
        entry.disputes.filter { _, sighting in
            entries[sighting].map { $0.end == nil && $0.update == nil } ?? true
        }.keys.sorted()
    }

    private func isBy(_ post: String, _ id: [UInt8]) -> Bool {
        AlertID(bytes: id).flatMap { entries[$0]?.post } == post
    }

    private mutating func end(_ target: [UInt8], _ state: Standing.State) {
        for id in versions(of: target) where entries[id]?.end == nil { entries[id]?.end = state }
    }

    private mutating func update(_ target: [UInt8], by id: AlertID) {
        for version in versions(of: target) where version != id { entries[version]?.update = id }
    }

    /// An alert, and what has updated it: each is replaced by another one, so that there is no circle but of ids that repeat.
    private func versions(of target: [UInt8]) -> [AlertID] {
        var versions: [AlertID] = []
        var next = AlertID(bytes: target)
        while let id = next, !versions.contains(id), versions.count < Standings.mostVersions {
            versions.append(id)
            next = entries[id]?.update
        }
        return versions
    }

    /// Versions of one alert that are followed; as each Update points all of them to itself, few are.
    private static let mostVersions = 64
}
