internal import Alerts
internal import AlertStore
internal import Identity
internal import Platform
internal import Settings
internal import Wire

/// `borderwire-hub page`: runs the operator's own program once for each escalation, to wake somebody.
///
/// A program of its own, under a unit of its own, since what it runs is not ours: the hub starts nothing.
public enum PageCommand {
    /// How long the operator's program may take for one escalation.
    static let longest = Duration.seconds(60)
    /// Escalations looked at, the newest; older ones for which it has not run are left out.
    static let most = 65_536

    public struct Outcome: Sendable, Equatable {
        /// Escalations for which the program was run and ended with 0.
        public var paged: [UInt64] = []
        /// Those that were over before their turn came.
        public var over = 0
        /// Why it stopped before the last one; nil: it didn't. The rest has its turn the next time.
        public var problem: String?
        /// Another machine runs its program for the same log just now: nothing was done here.
        public var isElsewhere = false
    }

    public static func run(_ settings: HubSettings) throws -> Outcome {
        guard let program = settings.escalation.run else {
            throw Failure(
                "escalation.run names no program", remedy: "name one in hub.toml, or switch the timer off",
                status: .config)
        }
        var outcome = Outcome()
        guard let paged = try PagedEscalations.open(settings) else {
            outcome.isElsewhere = true
            return outcome
        }
        defer { paged.close() }
        let now = Timestamp(milliseconds: wallClockMilliseconds())
        // Its unit may not read the key: then what the operator has withdrawn meanwhile wakes somebody all the same.
        let hub = (try? KeyFiles.readSecret(settings.key.path))?.name
        let reader = try settings.log.reader()
        defer { try? reader.close() }
        let open = try paged.without(try reader.escalations(limit: most))
        var authors: [UInt64: String] = [:]
        for offset in Set(open.map(\.offset)) {
            authors[offset] = try reader.outlines(after: offset - min(offset, 1), limit: 1).first?.post
        }
        // Each run of the program may take a minute: who has many waits for the others.
        for escalation in Escalation.fairly(open, by: { authors[$0.offset] ?? "" }) {
            guard let record = try reader.record(at: escalation.offset) else { continue }
            if try isOver(escalation, record, reader, hub: hub, at: now) {
                outcome.over += 1
            } else {
                let id = AlertID(bytes: record.alert)?.description ?? ""
                let status = try Command.run(
                    program.path, ["\(escalation.number)", escalation.reason, id], atMost: longest)
                guard status == 0 else {
                    outcome.problem =
                        "\(program) ended with \(status) for escalation \(escalation.number): it is run again the next time"
                    return outcome
                }
                outcome.paged.append(escalation.number)
            }
            try paged.add(escalation.number)
        }
        if let last = open.map(\.number).max() { try paged.conclude(through: last) }
        return outcome
    }

    /// Whether the alert stands no longer, or somebody has taken it over meanwhile, or has seen it where that was all that was
    /// missing: a timer that is switched on late wakes nobody for what was long ago.
    private static func isOver(
        _ escalation: EscalationRow, _ record: Record, _ reader: any AlertReader, hub: String?,
        at now: Timestamp
    ) throws -> Bool {
        guard let facts = try? PostHeader(decoding: record.signed.header).facts,
            facts.knownStatus == .actual, try reader.isActive(record, hub: hub, at: now)
        else { return true }
        let progress = try reader.progress(after: escalation.offset - 1, limit: 1)
            .first { $0.offset == escalation.offset }
        guard let progress else { return false }
        if progress.acknowledged != nil || progress.sighted != nil { return true }
        return progress.seen != nil
            && Escalation.Reason(rawValue: escalation.reason)?.isUnseen ?? false
    }
}
