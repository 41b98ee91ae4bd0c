public import Alerts
internal import Identity
internal import Platform
internal import Provinces
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
        /// The draft names the id of an alert that the outbox has, and makes the same one of it: what became of that.
        case known(epoch: UInt64, Outbox.Status)
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
        outbox = try Outbox.open(path: settings.outboxFile, limit: settings.outbox.most)
    }

    /// Queues what is valid of some drafts, in order, all in one transaction; on disk when this returns.
    ///
    /// A draft whose id the outbox has is not queued again: it is the same alert, or it is refused.
    /// - drafts: JSON objects, at most ``batch`` of them.
    /// - Returns: one result per draft, and the epoch that the sequences belong to.
    public func queue(_ drafts: [[UInt8]]) throws(OutboxError) -> (results: [Queued], epoch: UInt64) {
        do throws(OutboxError) { return try queueOnce(drafts) } catch {
            guard error.cause == .taken else { throw error }
            // Another program queued one of the ids between the look and the write: now it is known.
            return try queueOnce(drafts)
        }
    }

    private func queueOnce(_ drafts: [[UInt8]]) throws(OutboxError) -> (results: [Queued], epoch: UInt64) {
        let now = Timestamp(milliseconds: wallClockMilliseconds())
        var results: [Queued] = []
        var valid: [(index: Int, alert: Alert, payload: [UInt8])] = []
        // Ids that drafts name: each with the place of its alert in `valid`, and the drafts that repeat it.
        var named: [AlertID: Int] = [:]
        var repeats: [(index: Int, of: Int)] = []
        for (index, bytes) in drafts.enumerated() {
            let draft: AlertDraft
            do throws(InvalidAlert) { draft = try AlertDraft(bytes) } catch {
                results.append(.invalid(error))
                continue
            }
            let given = draft.id
            if let given, let kept = try outbox.kept(given.bytes) {
                results.append(again(draft, kept))
                continue
            }
            do throws(InvalidAlert) {
                let first = given.flatMap { named[$0] }
                let (alert, payload) = try complete(draft, at: now, like: first.map { valid[$0].alert })
                if let first {
                    guard valid[first].payload == payload else { throw Publisher.otherContent }
                    repeats.append((index, first))
                } else {
                    if let given { named[given] = valid.count }
                    valid.append((index, alert, payload))
                }
                results.append(.queued(alert.id, sequence: 0, atRisk: []))
            } catch {
                results.append(.invalid(error))
            }
        }
        var sealed: [Outbox.Draft] = []
        var next = 0
        let stretch = try outbox.append(valid.count, at: now, new: named.keys.map(\.bytes)) {
            (epoch, sequence) throws(OutboxError) in
            // Sequences are consecutive within a call, so all are known with the first, and can be sealed together.
            if sealed.isEmpty {
                sealed = seal(valid.map { ($0.alert, $0.payload) }, epoch, from: sequence, now)
            }
            next += 1
            return sealed[next - 1]
        }
        for ((index, alert, _), sequence) in zip(valid, stretch.sequences) {
            results[index] = .queued(alert.id, sequence: sequence, atRisk: alert.atRisk.map(\.reference))
        }
        for (index, first) in repeats {
            results[index] = .known(
                epoch: stretch.epoch,
                Outbox.Status(
                    sequence: stretch.sequences.lowerBound + UInt64(first), id: valid[first].alert.id.bytes,
                    queued: now, state: .queued))
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
            let alert = alerts[index].alert
            return Outbox.Draft(
                id: alert.id.bytes, origin: alert.provinces.first ?? "",
                signed: SignedAlert(
                    header: headers[index], payload: alerts[index].payload, signature: seals[index]),
                references: alert.subjects.map(\.bytes), isSafe: AlertFacts(alert).isSafe)
        }
    }

    /// What became of some alerts, in sequence order.
    public func states(of stretch: Outbox.Stretch) throws(OutboxError) -> [Outbox.Status] {
        try outbox.states(of: stretch)
    }

    /// What the daemon last found wrong with this machine's clock; nil: nothing.
    public var clockWarning: String? {
        (try? Files.read(settings.skewFile, limit: 1_000)).map { String(decoding: $0, as: UTF8.self) }
    }

    public func close() { try? outbox.close() }
}
