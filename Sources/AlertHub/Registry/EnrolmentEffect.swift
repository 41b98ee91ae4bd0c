internal import Alerts

/// What else an operator has to know, or to do, once an identity is enrolled: what its grants bring that they did not before,
/// and who has to be given its public key.
public struct EnrolmentEffect {
    /// Names of readers in one line, at most.
    static let namesShown = 20

    /// Sentences.
    public let lines: [String]

    /// - others: the registry before the change.
    public init(_ identity: EnrolledIdentity, among others: [EnrolledIdentity]) {
        let former = others.first { $0.name == identity.name }
        var lines: [String] = []
        if let former {
            lines += EnrolmentEffect.change("publishes", from: former.publish, to: identity.publish)
            lines += EnrolmentEffect.change("reads", from: former.read, to: identity.read)
            lines += EnrolmentEffect.change("is on duty for", from: former.duty, to: identity.duty)
        }
        lines += EnrolmentEffect.sightings(of: identity.read)
        if former?.keys != identity.keys {
            lines += EnrolmentEffect.keys(of: identity, for: others)
        }
        self.lines = lines
    }

    private static func change(_ verb: String, from former: Grant, to grant: Grant) -> [String] {
        let (more, less) = (grant.beyond(former), former.beyond(grant))
        return (more.isEmpty ? [] : ["it \(verb) \(list(more)) from now on"])
            + (less.isEmpty ? [] : ["it no longer \(verb) \(list(less))"])
    }

    /// A grant of a province has been there before there were sightings.
    private static func sightings(of read: Grant) -> [String] {
        let (with, without) = read.parts(of: .sighting)
        guard !without.isEmpty else {
            return with.isEmpty ? [] : ["it reads sightings of \(list(with)) too"]
        }
        let missing = without.texts.map { "\($0.prefix { $0 != "/" })/sighting" }
        return (with.isEmpty ? [] : ["it reads sightings of \(list(with))"]) + [
            "with \(list(without)) it reads no sightings: those are \(Set(missing).sorted().joined(separator: ","))"
        ]
    }

    /// Whoever may read what it signs; where its alerts may concern every province, that is everybody who reads.
    private static func keys(
        of identity: EnrolledIdentity, for others: [EnrolledIdentity]
    ) -> [String] {
        guard identity.sends else { return [] }
        let reach = identity.publish.isEmpty ? .none : identity.address ?? .all
        let readers = others.filter { other in
            other.name != identity.name
                && [identity.publish, identity.duty, reach].contains { $0.overlaps(other.read) }
        }.map(\.name)
        guard !readers.isEmpty else { return [] }
        let more = readers.count - namesShown
        return [
            "give \(identity.name).pub to those who read what it signs: "
                + readers.prefix(namesShown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        ]
    }

    private static func list(_ grant: Grant) -> String { grant.texts.joined(separator: ",") }
}
