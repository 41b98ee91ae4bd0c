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
        case queued(AlertID, sequence: UInt64)
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
        var valid: [(index: Int, id: AlertID, payload: [UInt8])] = []
        for (index, draft) in drafts.enumerated() {
            do throws(InvalidAlert) {
                let (alert, payload) = try Alert.complete(
                    draft: draft, sender: name, now: now,
                    id: { AlertID(time: now, random: randomBytes(AlertID.randomLength)) },
                    provinces: provinces)
                valid.append((index, alert.id, payload))
                results.append(.queued(alert.id, sequence: 0))
            } catch {
                results.append(.invalid(error))
            }
        }
        var next = 0
        let stretch = try PostFailure.reported { () throws(OutboxError) in
            try outbox.append(valid.count, at: now) { (epoch, sequence) throws(OutboxError) in
                let (_, id, payload) = valid[next]
                next += 1
                let header = PostHeader(post: name, epoch: epoch, sequence: sequence, queued: now).encoded()
                return Outbox.Draft(
                    id: id.bytes, header: header, payload: payload,
                    signature: signing.sign(signedPrefix, header, payload))
            }
        }
        for ((index, id, _), sequence) in zip(valid, stretch.sequences) {
            results[index] = .queued(id, sequence: sequence)
        }
        return (results, stretch.epoch)
    }

    public func summary() throws(PostFailure) -> Outbox.Summary {
        try PostFailure.reported { () throws(OutboxError) in try outbox.summary() }
    }

    public func close() { try? outbox.close() }
}
