public import Alerts
internal import Platform
internal import Settings
internal import Wire

/// A Cancel that says that whoever was sought is safe has to name every version of the alert, since what it names is erased.
public enum ThreadVersions {
    /// All versions of alerts that the outbox knows; of an alert that it has forgotten, or that was published elsewhere, the hub
    /// says what is missing.
    /// - Throws: where they are more than one alert may name.
    public static func all(of ids: [AlertID], _ settings: PostSettings) throws -> Outbox.Versions {
        let outbox = try Outbox.open(path: settings.outboxFile, limit: settings.outbox.most)
        defer { try? outbox.close() }
        let versions = try outbox.versions(of: ids)
        guard versions.ids.count <= PostHeader.mostReferences else {
            throw Failure(
                "the alert has \(versions.ids.count) versions, and a Cancel names at most \(PostHeader.mostReferences)",
                remedy: "ask the hub's operator to erase them: borderwire-hub erase", status: .dataError)
        }
        return versions
    }
}
