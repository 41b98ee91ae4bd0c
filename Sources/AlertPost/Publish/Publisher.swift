public import Alerts
internal import Identity
internal import Platform
internal import Settings
internal import Wire

/// Makes alerts of drafts, signs them and puts them into the outbox. Works with or without a daemon, beside any number of
/// others; used from one thread.
public final class Publisher {
    /// Drafts queued in one transaction: enough to share the disk's flush, few enough that others don't wait long.
    public static let batch = 256

    /// What became of one draft.
    public enum Queued: Sendable, Equatable {
        /// - atRisk: the references of its persons at risk, those made here too.
        case queued(AlertID, sequence: UInt64, atRisk: [String])
        case invalid(InvalidAlert)
    }

    public let name: String
    let settings: PostSettings
    let outbox: Outbox
    let provinces: ProvinceDirectory
    private let signing: SigningKey

    public init(_ settings: PostSettings) throws {
        self.settings = settings
        let keys = try KeyFiles.readSecret(settings.key.path)
        name = keys.name
        signing = keys.signing
        provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
        try Files.expectPrivate(settings.state.path)
        outbox = try PostFailure.reported { () throws(OutboxError) in
            try Outbox.open(path: settings.outboxFile, limit: settings.outbox.most)
        }
    }

    /// Queues what is valid of some drafts, in order, all in one transaction; on disk when this returns.
    /// - drafts: JSON objects, at most ``batch`` of them.
    /// - Returns: one result per draft, and the epoch that the sequences belong to.
    public func queue(_ drafts: [[UInt8]]) throws(PostFailure) -> (results: [Queued], epoch: UInt64) {
        let now = Timestamp(milliseconds: wallClockMilliseconds())
        var results: [Queued] = []
        var valid: [(index: Int, alert: Alert, payload: [UInt8])] = []
        for (index, draft) in drafts.enumerated() {
            do throws(InvalidAlert) {
                let (alert, payload) = try Alert.complete(
                    draft: draft, sender: name, now: now,
                    id: { AlertID(time: now, random: randomBytes(AlertID.randomLength)) },
                    province: settings.province, provinces: provinces)
                valid.append((index, alert, payload))
                results.append(.queued(alert.id, sequence: 0, atRisk: []))
            } catch {
                results.append(.invalid(error))
            }
        }
        var sealed: [Outbox.Draft] = []
        var next = 0
        let stretch = try PostFailure.reported { () throws(OutboxError) in
            try outbox.append(valid.count, at: now) { (epoch, sequence) throws(OutboxError) in
                // Sequences are consecutive within a call, so all are known with the first, and can be sealed together.
                if sealed.isEmpty {
                    sealed = seal(valid.map { ($0.alert, $0.payload) }, epoch, from: sequence, now)
                }
                next += 1
                return sealed[next - 1]
            }
        }
        for ((index, alert, _), sequence) in zip(valid, stretch.sequences) {
            results[index] = .queued(alert.id, sequence: sequence, atRisk: alert.atRisk.map(\.reference))
        }
        return (results, stretch.epoch)
    }

    private func seal(
        _ alerts: [(alert: Alert, payload: [UInt8])], _ epoch: UInt64, from first: UInt64, _ now: Timestamp
    ) -> [Outbox.Draft] {
        let headers = alerts.indices.map { index in
            PostHeader(
                post: name, epoch: epoch, sequence: first + UInt64(index), queued: now,
                facts: AlertFacts(alerts[index].alert)
            ).encoded()
        }
        let seals = Seal.sign(
            zip(headers, alerts).map { ($0, Seal.digest(of: $1.payload)) }, with: signing)
        return alerts.indices.map { index in
            Outbox.Draft(
                id: alerts[index].alert.id.bytes, header: headers[index], payload: alerts[index].payload,
                signature: seals[index])
        }
    }

    public func summary() throws(PostFailure) -> Outbox.Summary {
        try PostFailure.reported { () throws(OutboxError) in try outbox.summary() }
    }

    public func close() { try? outbox.close() }
}
