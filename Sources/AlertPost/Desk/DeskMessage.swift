internal import FoundationEssentials

/// What a console says to the post's daemon on its desk's socket, and what it hears. Between programs of one version on one
/// machine: a word, a line feed, and what belongs to it.
public enum DeskMessage {
    /// Bytes of a message: a draft has at most ``Alert/Limits/payload``, and a queue's list some more.
    public static let longest = 192_000

    public enum Question: Sendable, Equatable {
        /// Who signs here.
        case author
        case check([UInt8])
        case queue([UInt8])
        case waiting
        case status
        /// Tell what becomes of what is queued here, from now on, and how the queue is.
        case watch

        public var bytes: [UInt8] {
            switch self {
            case .author: Array("author\n".utf8)
            case .check(let draft): Array("check\n".utf8) + draft
            case .queue(let draft): Array("queue\n".utf8) + draft
            case .waiting: Array("waiting\n".utf8)
            case .status: Array("status\n".utf8)
            case .watch: Array("watch\n".utf8)
            }
        }

        /// nil: none of these.
        public init?(_ bytes: [UInt8]) {
            guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
            let rest = Array(bytes[(end + 1)...])
            switch String(decoding: bytes[..<end], as: UTF8.self) {
            case "author": self = .author
            case "check": self = .check(rest)
            case "queue": self = .queue(rest)
            case "waiting": self = .waiting
            case "status": self = .status
            case "watch": self = .watch
            default: return nil
            }
        }
    }

    public enum Answer: Sendable, Equatable, Codable {
        case author(DraftAuthor)
        case checked(DraftCheck)
        case queued(DraftQueued)
        case waiting([WaitingDraft])
        case status(PostStatus)
        /// To whoever watches.
        case news(DraftNews)
        /// Why it could not be done, and whether it may be later.
        case failed(String, isTemporary: Bool)

        public var bytes: [UInt8] { Array((try? JSONEncoder().encode(self)) ?? Data()) }

        /// nil: none of these.
        public init?(_ bytes: [UInt8]) {
            guard let read = try? JSONDecoder().decode(Answer.self, from: Data(bytes)) else { return nil }
            self = read
        }
    }
}
