extension Reply.Related {
    /// Its body, as on the wire: for who keeps it.
    public func encoded() -> [UInt8] { ControlFrames.encode("related", self)[2] }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var frames = Reply.related(Reply.Related(request: nil, alert: "", time: 0)).frames()
        frames[2] = bytes
        guard case .related(let body) = try Reply(frames: frames) else { throw Malformed("related: no body") }
        self = body
    }
}

extension Reply.Related {
    /// What it says, a sentence each. Always of what is possible: nothing but the spelling of a plate or a number was compared.
    public func sentences() -> [String] {
        var sentences = matches.map { match in
            "possible match: \(match.identifiers.joined(separator: " and ")), \(match.kind) \(match.alert) by \(match.post) "
                + "of \(match.province), \(Reply.Related.age(time - match.received)) ago"
        }
        if more ?? false { sentences.append("possible match: there are more") }
        if hidden ?? false {
            sentences.append("possible match: one exists in a province that you may not read")
        }
        if partial ?? false { sentences.append("older alerts are still being indexed: there may be more") }
        return sentences
    }

    /// - milliseconds: the largest unit alone, as people say it.
    private static func age(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1_000
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}
