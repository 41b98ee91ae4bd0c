public import Alerts
internal import Platform
internal import Wire

/// What an acknowledgement needs of the alert that it is about.
extension FeedClient {
    private struct Found: Error { var alert: ReadAlert }

    /// Asks the hub for the alert.
    /// - Throws: ``ReaderFailure``, also where there is none that this identity may read.
    public static func ackSubject(
        _ id: AlertID, _ settings: ReaderSettings, provinces: ProvinceDirectory,
        tell: @escaping (String) -> Void = { _ in }
    ) throws -> AckSubject {
        do {
            _ = try find(id, settings, provinces: provinces, tell: tell) { read in
                guard read.facts?.id == id.bytes else { return }
                throw Found(alert: read)
            }
        } catch let found as Found {
            guard let alert = found.alert.alert else {
                throw ReaderFailure(
                    .ask, "the alert", "the content of \(id) is erased, or this program can't read it",
                    remedy: "say what it was with --kind", status: .dataError)
            }
            return AckSubject(
                kind: alert.kind, status: alert.status, province: found.alert.streamed.topic.province)
        } catch let failure as ReaderFailure {
            throw ReaderFailure(
                failure.operation, failure.object, "the alert can't be looked up: \(failure.cause)",
                remedy: "to queue it all the same, say with --kind what it is about",
                status: failure.exitStatus)
        }
        throw ReaderFailure(
            .ask, "the alert", "the hub has no alert \(id) that this identity may read",
            remedy: "to queue it all the same, say with --kind what it is about", status: .noInput)
    }
}
