public import Alerts

/// What of an alert outlives its content: erasing takes the payload, and this stays in the post header, under the post's
/// signature. So a reader can tell an alert whose time is over from one that was erased too early.
///
/// The codes are numbers and not cases: one that this program doesn't know is carried along and verified like any other.
public struct AlertFacts: Sendable, Equatable {
    /// A UUID's 16 bytes.
    public var id: [UInt8]
    public var kind: UInt8
    public var messageType: UInt8
    public var status: UInt8
    /// When the alert stops being true.
    public var expires: Timestamp
    /// Ids of the alerts that this one is about, 16 bytes each; at most ``PostHeader/mostReferences``.
    public var references: [[UInt8]]
    /// Of a cancellation: what has become of whom it is about; nil: it does not say.
    public var resolution: UInt8?

    public init(
        id: [UInt8], kind: UInt8, messageType: UInt8, status: UInt8, expires: Timestamp,
        references: [[UInt8]] = [], resolution: UInt8? = nil
    ) {
        self.resolution = resolution
        self.id = id
        self.kind = kind
        self.messageType = messageType
        self.status = status
        self.expires = expires
        self.references = references
    }

    public init(_ alert: Alert) {
        self.init(
            id: alert.id.bytes, kind: alert.kind.code, messageType: alert.messageType.code,
            status: alert.status.code, expires: alert.expires, references: alert.subjects.map(\.bytes),
            resolution: alert.resolution?.code)
    }

    /// Whether it says that whoever the alerts sought to which it refers is safe.
    public var isSafe: Bool {
        messageType == MessageType.cancel.code && resolution == Resolution.safe.code
    }

    /// Ids of the alerts that this one updates or cancels, which only their author may. Of a sighting the last reference is the
    /// alert that it answers, but for a cancellation, which answers none.
    public var changes: ArraySlice<[UInt8]> {
        guard messageType == MessageType.update.code || messageType == MessageType.cancel.code else {
            return []
        }
        let isAnswer = kind == Kind.sighting.code && messageType == MessageType.update.code
        return isAnswer ? references.dropLast() : references[...]
    }

    /// Whether it states something that can be over. An acknowledgement, a notice or a cancellation only says something about
    /// other alerts.
    public var hasStanding: Bool {
        messageType == MessageType.alert.code || messageType == MessageType.update.code
    }

    /// The alert that a sighting answers; nil of all else, and of a cancellation, which answers none.
    public var answered: [UInt8]? {
        let isAnswer =
            kind == Kind.sighting.code
            && (messageType == MessageType.alert.code || messageType == MessageType.update.code)
        return isAnswer ? references.last : nil
    }

    /// The first member in which the two differ, by its name in the payload; nil where they are the same.
    public func difference(from other: AlertFacts) -> String? {
        if id != other.id { return "id" }
        if kind != other.kind { return "kind" }
        if messageType != other.messageType { return "msgType" }
        if status != other.status { return "status" }
        if expires != other.expires { return "expires" }
        if resolution != other.resolution { return "resolution" }
        return references != other.references ? "references" : nil
    }

    /// nil: of a kind that this program doesn't know.
    public var knownKind: Kind? { Kind.allCases.first { $0.code == kind } }
    /// Of a notice by the hub's operator; nil of all else.
    public var notice: HubNotice.Action? { HubNotice.Action.allCases.first { $0.code == messageType } }
    public var knownMessageType: MessageType? { MessageType.allCases.first { $0.code == messageType } }
    public var knownStatus: Status? { Status.allCases.first { $0.code == status } }
}

/// Codes of message types that only the hub itself may use: its operator's word on alerts of others.
public enum NoticeCode {
    /// The alerts referred to no longer stand.
    public static let withdrawal: UInt8 = 5
    /// The content of the alerts referred to was erased before its time.
    public static let erasure: UInt8 = 6
}

extension HubNotice.Action {
    public var code: UInt8 {
        switch self {
        case .withdrawal: NoticeCode.withdrawal
        case .erasure: NoticeCode.erasure
        }
    }
}

extension Resolution {
    public var code: UInt8 {
        switch self {
        case .safe: 1
        }
    }
}

extension Kind {
    public var code: UInt8 {
        switch self {
        case .suspect: 1
        case .movement: 2
        case .sighting: 3
        }
    }
}

extension MessageType {
    public var code: UInt8 {
        switch self {
        case .alert: 1
        case .update: 2
        case .cancel: 3
        case .ack: 4
        }
    }
}

extension Status {
    public var code: UInt8 {
        switch self {
        case .actual: 1
        case .exercise: 2
        case .test: 3
        }
    }
}
