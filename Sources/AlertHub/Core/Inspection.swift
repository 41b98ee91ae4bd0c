internal import Alerts
internal import Identity
internal import Wire

/// An alert that may be stored: everything that can be checked of it alone has been.
struct ValidatedAlert: Sendable {
    var header: PostHeader
    var signed: SignedAlert
    /// The digest of the payload.
    var digest: [UInt8]
    var id: [UInt8]
    /// Ids of the alerts that it is about.
    var references: [[UInt8]]
    /// Those of them that it updates or cancels, which only their author may do.
    var changes: [[UInt8]] = []
    /// Of a sighting: whether it also goes on the topics of its author's own provinces.
    var isShared = false
    /// What it says of plates, vessels and documents.
    var identifiers: [Identifier] = []
    /// Whether it is a sighting that calls the alert that it answers mistaken; and the author of that alert, where the hub has
    /// it.
    var isMistaken = false
    var disputed: String?
    /// The topics for which its author is on duty: only who is on duty for an alert may acknowledge it.
    var duty = Grant.none
    /// Of an acknowledgement or a sighting: the offset of the alert that it answers, if that is another author's; nil: the hub
    /// does not have it.
    var subject: UInt64?
    /// How soon somebody has to look at it.
    var urgency = Urgency.unknown
    /// One topic for each province concerned, the origin's first.
    var topics: [Topic]
}

/// Why an alert is not stored. Names fields and rules, never content.
struct Rejection: Error, Sendable, Equatable {
    var code: ReasonCode
    var reason: String
}

extension IngestMessage {
    /// Whether the identity sealed it: with its key, or with a former one whose overlap has not ended, since what was signed
    /// before a rotation may arrive after it, over whichever connection.
    /// - digest: the payload's.
    func isSealed(by identity: EnrolledIdentity, digest: [UInt8], _ seals: inout SealChecker) -> Bool {
        func isSealed(by key: VerifyingKey) -> Bool {
            seals.check(signed.signature, over: signed.header, digest: digest, by: key)
        }
        return isSealed(by: identity.keys.signing)
            || identity.former.contains { isSealed(by: $0.keys.signing) }
    }
}

/// Checks one alert that its identity has sealed: size, schema, sender, time, topic, grant. Pure, so that it can run anywhere.
/// - digest: the payload's. latest: no alert can have been sent later than this; nil: the hub doesn't know the time.
func inspect(
    _ message: IngestMessage, digest: [UInt8], from identity: EnrolledIdentity, provinces: ProvinceDirectory,
    latest: Timestamp? = nil
) throws(Rejection) -> ValidatedAlert {
    // A post that can't seal an alert so that it verifies gives its sequence up like this (PROTOCOL.md, "A post's link").
    guard !message.signed.payload.isEmpty else {
        throw Rejection(
            code: .signature, reason: "the post gave the alert up: its seal does not verify with its keys")
    }
    guard message.signed.payload.count <= WireLimits.payload else {
        throw Rejection(
            code: .size,
            reason: "payload: \(message.signed.payload.count) bytes, at most \(WireLimits.payload)")
    }
    let alert: Alert
    do throws(InvalidAlert) {
        alert = try Alert.decode(message.signed.payload, provinces: provinces)
    } catch {
        throw Rejection(code: .schema, reason: shortened(error.description))
    }
    guard alert.sender == identity.name else {
        throw Rejection(
            code: .sender, reason: "sender: must be \(identity.name), the post that signed the alert")
    }
    if let latest, alert.sent > latest {
        throw Rejection(
            code: .clock,
            reason: "sent: more than a day after the hub's clock; set the post's clock and publish it again")
    }
    if let field = message.header.facts.difference(from: AlertFacts(alert)) {
        throw Rejection(code: .header, reason: "the post header says another \(field) than the payload")
    }
    let topics = alert.topics(in: provinces)
    guard let origin = topics.first, origin == message.topic else {
        throw Rejection(code: .topic, reason: "the topic frame is not the topic of the alert's origin")
    }
    // Who may acknowledge needs no right to publish, and speaks where it may read.
    let isAck = alert.messageType == .ack && identity.may.contains(.ack)
    guard identity.publish.allows(origin) || isAck && identity.read.allows(origin) else {
        throw Rejection(
            code: .grant,
            reason:
                "provinces[0]: \(identity.name) may not publish \(origin.kind.rawValue) alerts of \(origin.province)"
        )
    }
    for (index, topic) in topics.enumerated().dropFirst()
    where !identity.publish.allows(topic) && identity.address?.allows(topic) == false {
        throw Rejection(
            code: .grant,
            reason:
                "provinces[\(index)]: \(identity.name) may not address \(topic.kind.rawValue) alerts to \(topic.province)"
        )
    }
    return ValidatedAlert(
        header: message.header, signed: message.signed, digest: digest, id: alert.id.bytes,
        references: alert.subjects.map(\.bytes),
        changes: alert.messageType.isChange ? alert.references.map(\.bytes) : [],
        isShared: alert.sighting?.share ?? false, identifiers: alert.identifiers,
        isMistaken: alert.sighting?.outcome == .mistaken, duty: identity.duty,
        urgency: alert.urgency, topics: topics)
}

/// Within ``WireLimits/reason``: as many reasons as one answer may hold then fit into its frame.
private func shortened(_ reason: String) -> String {
    guard reason.utf8.count > WireLimits.reason else { return reason }
    let mark = "…"
    var size = mark.utf8.count
    return reason.prefix { character in
        size += character.utf8.count
        return size <= WireLimits.reason
    } + mark
}
