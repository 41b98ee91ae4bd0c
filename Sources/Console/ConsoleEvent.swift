internal import Platform

/// What a console may tell whoever runs it, with the id of each kind in the journal (MESSAGE_ID). Never what an alert says.
///
/// borderwire-console(1), "EVENTS", says what to do about each.
package enum ConsoleEvent: String, LogEvent, CaseIterable {
    case ready = "ready"
    case link = "link"
    case readingEnded = "reading-ended"
    case opened = "opened"
    case refused = "refused"

    package var name: String { rawValue }

    /// Made once at random (`systemd-id128 new`), and never changed: monitors know them.
    package var messageID: String {
        switch self {
        case .ready: "8c6d85538e6e4f3db0443c806dba7392"
        case .link: "7414b66bc3514eb3865a21739cf19767"
        case .readingEnded: "7d7e8d3065b84315aadb3e2e6bfcd98b"
        case .opened: "168a9437787b4194af603852653400a5"
        case .refused: "4c0b8c3c7a7d4ae29e3c0b63f2f1a55d"
        }
    }
}
