public import Alerts
internal import Identity
internal import LogProof
internal import Wire

/// One alert by itself, for whoever takes it out of the house.
extension AlertInquiry {
    /// The alert as the hub has it now.
    /// - destination: for whom it is taken out, as an identity's name; the hub records that before it answers. nil: it stays.
    /// - Returns: nil where there is none that this identity may read.
    public func alert(_ id: AlertID, for destination: String? = nil) throws -> ReadAlert? {
        var after: UInt64 = 0
        while true {
            let (page, records) = try ask(id, .author, after: after, destination: destination)
            for streamed in records.compactMap({ streamed($0, page) }) {
                let read = ReadAlert(streamed, try keyring(), provinces, &seals, hub: hub.keys)
                if read.facts?.id == id.bytes { return read }
            }
            guard page.through < page.head, page.through > after else { return nil }
            after = page.through
        }
    }
}
