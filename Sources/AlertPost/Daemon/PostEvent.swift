internal import Platform

/// What a post may tell its operator, with the id of each kind in the journal (MESSAGE_ID).
///
/// borderwire-post(8), "EVENTS", and systemd/borderwire-post.catalog say what to do about each.
package enum PostEvent: String, LogEvent, CaseIterable {
    case ready = "ready"
    case linkDown = "link-down"
    case linkRefused = "link-refused"
    case hubBehind = "hub-behind"
    case requestRefused = "request-refused"
    case alertRejected = "alert-rejected"
    case outboxFailed = "outbox-failed"
    case messageIgnored = "message-ignored"
    case checkpointNotKept = "checkpoint-not-kept"
    case clockSkewed = "clock-skewed"
    case foreignAlert = "foreign-alert"
    case heldBack = "held-back"
    case logAltered = "log-altered"
    case hubKey = "hub-key"
    case hubKeyNotTaken = "hub-key-not-taken"
    case deskClosed = "desk-closed"

    var name: String { rawValue }

    /// Made once at random (`systemd-id128 new`), and never changed: monitors know them.
    var messageID: String {
        switch self {
        case .ready: "f04d8982ad324863a09552f135ee0ee3"
        case .linkDown: "bb01d7d778a14f9c81b85bb560ee5afa"
        case .linkRefused: "703c0b1bc46740c8a4831018331ae095"
        case .hubBehind: "b720749cb07e4eee920147c524e9f879"
        case .requestRefused: "eb5891dcd1b44a31b64b209363e5d814"
        case .alertRejected: "c30256a558de4e78b0da280960befb86"
        case .outboxFailed: "4962c45a96d74a0d951aa0485db54b0e"
        case .messageIgnored: "e95ff51236a349b6ada7e02795a9e3ba"
        case .checkpointNotKept: "d42aebcf640c4e3194c18d101a88d039"
        case .clockSkewed: "c8fcb5baf2124743a94f764bb9c0b860"
        case .foreignAlert: "ef86676e294848d0ab1df299ec87999a"
        case .heldBack: "b52accd1b241426585ce8941100b92bc"
        case .logAltered: "598151124fc04f2faf70dc9477f8ec73"
        case .hubKey: "10041b84a8dc4774984b9178b435e2bc"
        case .deskClosed: "b7b96cdb4d5e45bf889dd5c01706bdfa"
        case .hubKeyNotTaken: "9676bcdc168a4cafb6d08970eb7709dd"
        }
    }
}
