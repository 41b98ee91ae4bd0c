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
        guard var place = places[header.post] else {
            places[header.post] = Place(epoch: header.epoch, sequence: header.sequence)
            return nil
        }
        let name = "\(header.post) in epoch \(HexNumber(header.epoch))"
        if place.epoch == header.epoch {
            guard header.sequence > place.sequence else {
                return "sequence \(header.sequence) of \(name) comes after sequence \(place.sequence)"
            }
        } else {
            guard !place.former.contains(header.epoch) else {
                return "an epoch of \(header.post) that a later one has superseded comes again"
            }
            place.former.insert(place.epoch)
        }
        (place.epoch, place.sequence) = (header.epoch, header.sequence)
        places[header.post] = place
        return nil
    }
}
