import FoundationEssentials
import Platform
import ProcessHarness
import Synchronization

/// What `publish` has reported as stored, and whatever else it said. From any thread.
final class Ledger: Sendable {
    struct Account {
        /// Offsets by the alerts' ids.
        var offsets: [String: UInt64] = [:]
        /// Milliseconds from queueing to the answer, as reported, with the time of the report.
        var latencies: [Int] = []
        /// When each was reported, by the steady clock.
        var times: [Duration] = []
        /// Rejections, contradictions, and lines that can't be read.
        var problems: [String] = []
    }

    private struct Line: Decodable {
        var id: String?
        var state: String
        var offset: UInt64?
        var sequence: UInt64?
        var ms: Int?
        var reason: String?
    }

    private let inner = Mutex(Account())

    var account: Account { inner.withLock { $0 } }
    var count: Int { inner.withLock { $0.offsets.count } }

    /// - id: of an alert. Whether it was reported as stored.
    func isStored(_ id: String) -> Bool { inner.withLock { $0.offsets[id] != nil } }

    /// A line of `publish --format json`.
    func take(_ text: String) {
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else {
            return problem("publish printed \(text)")
        }
        // Still queued when the wait was over: not stored, and no promise broken.
        if line.state == "queued" { return }
        // What may be about the same, said once more of an alert that is stored.
        if line.state == "related" { return }
        guard line.state == "stored", let id = line.id, let offset = line.offset else {
            return problem("\(line.state): \(line.reason ?? text)")
        }
        inner.withLock { account in
            if let other = account.offsets.updateValue(offset, forKey: id), other != offset {
                account.problems.append("\(id) was stored at \(other) and at \(offset)")
            }
            account.times.append(steadyClock())
            if let took = line.ms { account.latencies.append(took) }
        }
    }

    /// The same of a `publish` that does not wait: what it says is queued, with the sequence in the offset's place.
    func takeQueued(_ text: String) {
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)), line.state == "queued",
            let id = line.id
        else { return problem("publish printed \(text)") }
        inner.withLock { $0.offsets[id] = line.sequence ?? 0 }
    }

    func problem(_ words: String) { inner.withLock { $0.problems.append(words) } }
}
