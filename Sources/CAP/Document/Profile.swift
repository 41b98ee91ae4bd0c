public import Alerts

/// How alerts of this house are written in CAP: the codes and names that a receiver of its documents meets. The names of
/// parameters are the paths of the alert's own members (borderwire-alert(5)).
public enum CAPProfile {
    /// Among a document's `code`s: it is written by these rules.
    public static let code = "xbalert-1.0"
    /// Beside it where times, places and references are not all of the alert's.
    public static let minimised = "xbalert-minimised"
    /// `geocode` of an ISO 3166-2 subdivision.
    public static let subdivision = "ISO3166-2"
    /// `eventCode` of the alert's kind.
    static let kind = "xb:kind"
    static let prefix = "xb:"

    private static let identifierPrefix = "kh-xb-"

    /// What a document of an alert is called: the alert's id, with the assigner before it.
    public static func identifier(of id: AlertID) -> String { identifierPrefix + id.description }

    /// nil: it is none of ours.
    public static func alertID(of identifier: String) -> AlertID? {
        guard identifier.hasPrefix(identifierPrefix) else { return nil }
        return AlertID(String(identifier.dropFirst(identifierPrefix.count)))
    }

    /// - domain: that of the house that sends.
    public static func sender(_ post: String, domain: String) -> String { "\(post)@\(domain)" }

    /// The languages in which each document speaks, Khmer first.
    static var languages: [(code: String, text: KeyPath<Text, String?>)] { [("km", \.km), ("en", \.en)] }
}

/// How much of an alert goes into a document.
public enum Detail: String, Sendable, Equatable, CaseIterable {
    /// Times of observation to the hour, of places the provinces and the crossing, no references of persons at risk.
    case minimal
    /// All of it: what is read back is the same alert.
    case full
}
