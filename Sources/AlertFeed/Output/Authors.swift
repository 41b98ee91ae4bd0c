internal import Alerts
internal import Wire

/// Whose word an Update or a Cancel is, of what an alert refers to. A hub lets none but the author's through; a reader that
/// checks it does not have to trust the hub in this.
public enum Authorship: Sendable, Equatable {
    /// It refers to nothing.
    case original
    /// All that it refers to is by the same post.
    case author
    /// Another post wrote something that it refers to.
    case other(String)
    /// Something that it refers to has not been seen here.
    case unseen

    /// Empty for what refers to nothing.
    var word: String {
        switch self {
        case .original: ""
        case .author: "true"
        case .other: "false"
        case .unseen: "unknown"
        }
    }
}

/// Who wrote the alerts that a reader has seen.
struct Authors {
    /// Ids kept; the oldest are forgotten, and what refers to them is called unseen.
    static let most = 100_000

    private var posts: [AlertID: String] = [:]
    private var order: [AlertID] = []
    private var next = 0

    /// Takes note of an alert. Of several with one id the first counts.
    mutating func note(_ id: AlertID, by post: String) {
        guard posts[id] == nil else { return }
        posts[id] = post
        if order.count < Authors.most {
            order.append(id)
        } else {
            posts[order[next]] = nil
            order[next] = id
            next = (next + 1) % Authors.most
        }
    }

    /// The same of a header; nil: of what has none.
    mutating func note(_ header: PostHeader?) {
        guard let header, let id = AlertID(bytes: header.facts.id) else { return }
        note(id, by: header.post)
    }

    /// Of what a header refers to. A notice by the hub's operator is not its author's word, and no Update either.
    func authorship(of header: PostHeader?) -> Authorship {
        guard let header, header.facts.notice == nil else { return .original }
        return authorship(of: header.facts.changes.compactMap { AlertID(bytes: $0) }, by: header.post)
    }

    /// - references: of an alert by the post.
    func authorship(of references: [AlertID], by post: String) -> Authorship {
        guard !references.isEmpty else { return .original }
        let authors = references.map { posts[$0] }
        if let other = authors.compactMap({ $0 }).first(where: { $0 != post }) { return .other(other) }
        return authors.contains(nil) ? .unseen : .author
    }
}
