internal import AlertStore
internal import Alerts
internal import Platform
internal import Synchronization
internal import Wire

/// Reads the log for peers on a thread of its own, with a connection of its own, so that a long replay never delays the
/// live path. The loop submits readings and collects replies; both sides are woken by descriptors.
final class ReplayDesk: Sendable {
    /// Readings waiting at once, over all peers; a further one is answered `busy`.
    static let longestQueue = 4_096

    struct Answer: Sendable {
        var peer: [UInt8]
        /// Encoded here, so that the loop only sends.
        var frames: [[UInt8]]
    }

    private struct Desk {
        var inbox: [Reading] = []
        var answers: [Answer] = []
        var isStopping = false
    }

    private let desk = Mutex(Desk())
    private let work: Wake
    /// Readable when there are answers to collect.
    let answered: Wake

    init() throws(PlatformError) {
        work = try Wake()
        answered = try Wake()
    }

    /// - Returns: false at ``longestQueue``.
    func submit(_ reading: Reading) -> Bool {
        let isTaken = desk.withLock { desk in
            guard desk.inbox.count < ReplayDesk.longestQueue else { return false }
            desk.inbox.append(reading)
            return true
        }
        work.signal()
        return isTaken
    }

    func collect() -> [Answer] {
        answered.clear()
        return desk.withLock { desk in
            defer { desk.answers = [] }
            return desk.answers
        }
    }

    func stop() {
        desk.withLock { $0.isStopping = true }
        work.signal()
    }

    /// The thread's whole life: opens its reader, answers until ``stop()``.
    func run(_ open: () throws(StoreError) -> any AlertReader) {
        var reader: (any AlertReader)?
        while true {
            let (readings, isStopping) = desk.withLock { desk in
                defer { desk.inbox = [] }
                return (desk.inbox, desk.isStopping)
            }
            if isStopping { break }
            for reading in readings {
                let reply = answer(reading, &reader, open)
                let answer = Answer(peer: reading.peer, frames: reply.frames())
                desk.withLock { $0.answers.append(answer) }
                answered.signal()
            }
            if readings.isEmpty { work.wait() }
        }
        try? reader?.close()
    }

    private func answer(
        _ reading: Reading, _ reader: inout (any AlertReader)?,
        _ open: () throws(StoreError) -> any AlertReader
    ) -> Reply {
        do throws(StoreError) {
            let log: any AlertReader
            if let reader {
                log = reader
            } else {
                log = try open()
                reader = log
            }
            return try Lookup(log: log, reading: reading).reply()
        } catch {
            return .refused(
                Reply.Refused(
                    request: reading.request == 0 ? nil : reading.request, code: "unavailable",
                    reason: "the hub can't read its log"))
        }
    }
}
