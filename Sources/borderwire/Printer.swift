import Platform
import AlertFeed
import Identity
import Settings

/// The printing thread's loop: writes what the client gives, and moves the cursor after it.
final class Printer {
    private let client: FeedClient
    private let format: any AlertFormat
    /// Standard output, where it is a file that is appended to.
    private let file: AppendedFile?
    private let cursor: Cursor?
    /// End after this many; nil: never.
    private let count: Int?
    /// Whether a person sees what is printed, and the hub is told.
    private let reportsShown: Bool
    private var progress: Progress?
    private var printed = 0
    private var unknownPosts: Set<String> = []
    /// The offset before the first that was looked at.
    private var start: UInt64?
    private var isOpened = false

    /// - progress: nil shows none.
    init(
        _ client: FeedClient, format: any AlertFormat, file: AppendedFile?, cursor: Cursor?, count: Int?,
        reportsShown: Bool, progress: Progress?
    ) {
        self.client = client
        self.format = format
        self.file = file
        self.cursor = cursor
        self.count = count
        self.reportsShown = reportsShown
        self.progress = progress
    }

    /// - Returns: how many were printed; nil where whoever read the output has gone.
    func run() -> Result<Int?, ReaderFailure> {
        defer { progress?.end() }
        do {
            try StandardOutput.write(opening())
            while let batch = try client.next(), try write(batch) {}
            return .success(printed)
        } catch OutputError.closed {
            return .success(nil)
        } catch let failure as ReaderFailure {
            return .failure(failure)
        } catch {
            return .failure(ReaderFailure(.print, "standard output", "\(error)", status: .ioError))
        }
    }

    /// What is to be written before the next alert: the format's opening, at the start, and again in a file that is appended
    /// to and was emptied since (`truncate`, a log rotation). One that is gone on with has its opening already.
    private func opening() -> [UInt8] {
        defer { isOpened = true }
        guard !format.opening.isEmpty else { return [] }
        return (file.map { $0.size == 0 } ?? !isOpened) ? format.opening : []
    }

    /// - Returns: false once as many have been printed as asked for.
    private func write(_ batch: FeedBatch) throws -> Bool {
        let alerts = batch.alerts.prefix(count.map { $0 - printed } ?? .max)
        printed += alerts.count
        let isDone = count.map { printed >= $0 } ?? false
        var bytes = opening()
        for alert in alerts {
            warn(alert)
            bytes += format.bytes(of: alert)
        }
        let through = isDone ? alerts.last?.streamed.offset : batch.through
        if let cursor, let through, let first = batch.first, let log = client.log {
            try cursor.announce(bytes.count, before: max(1, first) - 1, offset: through, log: log)
        }
        if !bytes.isEmpty { progress?.end() }
        try StandardOutput.write(bytes)
        if reportsShown { client.shown(alerts) }
        if let through {
            show(through, first: batch.first ?? through, of: batch.head)
            try client.advance(to: through)
        } else if let looked = batch.looked {
            show(looked, first: start.map { $0 + 1 } ?? 1, of: batch.head)
        }
        return !isDone
    }

    private func show(_ through: UInt64, first: UInt64, of head: UInt64) {
        let start = start ?? max(1, first) - 1
        self.start = start
        guard head > start, through > start else { return }
        progress?.show(through - start, of: head - start)
    }

    private func warn(_ read: ReadAlert) {
        let offset = read.streamed.offset
        if let disorder = read.disorder {
            tell(
                "offset \(offset): \(disorder): the hub's log was put together anew; tell its operator, and keep what you have"
            )
        }
        guard !read.isErased || read.action != nil else { return }
        switch read.check {
        case .valid: break
        case .invalid: tell("offset \(offset): the signature of \(read.post) does not verify")
        case .unknown:
            guard unknownPosts.insert(read.post).inserted else { return }
            tell(
                "no public key of \(read.post) in the settings' posts directory: its signatures can't be checked"
            )
        }
    }

    private func tell(_ words: String) {
        progress?.end()
        say(words)
    }
}
