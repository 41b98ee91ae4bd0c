internal import Alerts
internal import Identity
package import LogProof
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

extension Standings {
    /// Of what a header refers to. A notice by the hub's operator is not its author's word, and no Update either.
    func authorship(of header: PostHeader?) -> Authorship {
        guard let header, header.facts.notice == nil else { return .original }
        return authorship(of: header.facts.changes.compactMap { AlertID(bytes: $0) }, by: header.post)
    }

    /// - references: of an alert by the post.
    func authorship(of references: [AlertID], by post: String) -> Authorship {
        guard !references.isEmpty else { return .original }
        let authors = references.map { self.post(of: $0) }
        if let other = authors.compactMap({ $0 }).first(where: { $0 != post }) { return .other(other) }
        return authors.contains(nil) ? .unseen : .author
    }

    /// Takes in what a reader has read.
    package mutating func take(_ read: ReadAlert) {
        take(read, try? PostHeader(decoding: read.streamed.signed.header))
    }

    /// - header: the alert's; nil where it is none.
    mutating func take(_ read: ReadAlert, _ header: PostHeader?) {
        guard let header else { return }
        let isSigned = read.action == nil ? read.check != .invalid : read.check == .valid
        take(header, isSigned: isSigned, isMistaken: read.alert?.sighting?.outcome == .mistaken)
    }
}

extension PostHeader {
    /// Whether it may change how other alerts stand.
    var isOfOthers: Bool { facts.notice != nil || !facts.changes.isEmpty || facts.answered != nil }
}
