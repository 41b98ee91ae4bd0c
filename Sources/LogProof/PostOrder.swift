public import Wire

/// Whether each author's numbers ascend, as they do in the order in which a hub stores them: a number that comes again, or
/// goes back, shows a log that was put together anew, whatever the hub has signed. Numbers that are missing say nothing by
/// themselves: an alert that the hub refused has used up its own. A value: headers in offset order in, problems out.
public struct PostOrder: Sendable {
    private struct Place: Sendable {
        var epoch: UInt64
        var sequence: UInt64
        var former: Set<UInt64> = []
    }

    private var places: [String: Place] = [:]

    public init() {}

    /// - Returns: nil when it continues its author's numbers.
    public mutating func take(_ header: PostHeader) -> String? {
        take(post: header.post, epoch: header.epoch, sequence: header.sequence)
    }

    /// The same of a header that was read before.
    public mutating func take(post: String, epoch: UInt64, sequence: UInt64) -> String? {
        guard var place = places[post] else {
            places[post] = Place(epoch: epoch, sequence: sequence)
            return nil
        }
        if place.epoch == epoch {
            guard sequence > place.sequence else {
                return "sequence \(sequence) of \(post) in epoch \(HexNumber(epoch)) comes after sequence "
                    + "\(place.sequence)"
            }
        } else {
            guard !place.former.contains(epoch) else {
                return "an epoch of \(post) that a later one has superseded comes again"
            }
            place.former.insert(place.epoch)
        }
        (place.epoch, place.sequence) = (epoch, sequence)
        places[post] = place
        return nil
    }
}
