import AlertFeed
import AlertPost
import Alerts
import Glibc
import Platform
import Settings
import Synchronization
import ZeroMQ

/// `borderwire tail`: an exact stream on standard output. With words, `borderwire search`. Signals and the output are its own;
/// what it prints comes from a ``FeedClient``.
struct Tail {
    /// Told to stop, it waits so long for whoever reads its output.
    static let longestWrite = Duration.seconds(2)
    /// Between two looks whether there are acknowledgements to send.
    static let looking = Duration.seconds(1)

    var query: FeedClient.Query
    /// End after this many; nil: never.
    var count: Int?
    /// Its name; nil: none.
    var cursor: String?

    /// What became of the printing.
    private final class Outcome: Sendable {
        let value = Mutex<Result<Int?, ReaderFailure>>(.success(0))
    }

    /// Why it ends.
    private enum End {
        case printed
        case stopped
        /// Whoever read the output has gone.
        case unread
    }

    /// Call from the main thread before any other thread exists.
    /// - Returns: with words, `noInput` where none was found.
    func run(
        _ settings: ReaderSettings, provinces: ProvinceDirectory, format: any AlertFormat
    ) throws -> ExitStatus {
        let signals = try SignalSource()
        let file = AppendedFile(STDOUT_FILENO)
        let cursor = try openCursor(settings, output: file)
        let client = try FeedClient(query, settings, provinces: provinces, cursor: cursor, tell: say)
        let isPrinted = try Wake()
        let outcome = Outcome()
        let reportsShown = StandardOutput.isTerminal
        let printing = try NamedThread("print") { [count, progress] in
            let printer = Printer(
                client, format: format, file: file, cursor: cursor, count: count, reportsShown: reportsShown,
                progress: progress)
            outcome.value.withLock { $0 = printer.run() }
            isPrinted.signal()
        }
        let sender = settings.ackSender
        let end = Tail.wait(for: isPrinted, signals) { if query.follows { sender?.look() } }
        sender?.stop()
        let hasLastWord = end == .stopped || end == .printed && reportsShown
        client.close(farewell: hasLastWord ? FeedClient.farewell : .zero)
        if client.repairs > 0 {
            say(
                "\(client.repairs) times alerts were missing from the feed, and were fetched from the log: none is left out"
            )
        }
        let isWritten = end == .printed || isPrinted.wait(atMost: Tail.longestWrite)
        // Whatever it has not written it has not moved the cursor over.
        if isWritten { printing.join() } else { printing.abandon() }
        guard isWritten else { return .ok }
        let printed = try outcome.value.withLock { $0 }.get()
        return query.words != nil && end == .printed && printed == 0 ? .noInput : .ok
    }

    /// Whoever reads the output may take as long as they like, until a signal comes.
    /// - look: called once a second.
    private static func wait(
        for printed: Wake, _ signals: borrowing SignalSource, look: () -> Void
    ) -> End {
        while true {
            var items = [
                PollItem(descriptor: printed.descriptor), PollItem(descriptor: signals.descriptor),
                PollItem(endOf: STDOUT_FILENO),
            ]
            look()
            guard (try? poll(&items, timeout: Tail.looking)) != nil else { return .stopped }
            if items[0].isReady { return .printed }
            while let signal = signals.next() {
                if signal == .stop { return .stopped }
            }
            // That shows here long before there is something to write.
            if items[2].isReady { return .unread }
        }
    }

    /// What is printed shows by itself on a terminal.
    private var progress: Progress? {
        if query.words != nil { return Progress("searching") }
        return query.follows
            ? nil : Progress("reading", isShown: StandardError.isTerminal && !StandardOutput.isTerminal)
    }

    private func openCursor(_ settings: ReaderSettings, output: AppendedFile?) throws -> Cursor? {
        guard let cursor else { return nil }
        guard let state = settings.state else {
            throw ReaderFailure.noState("--cursor needs a directory to keep it in")
        }
        return try Cursor(cursor, directory: state.path, output: output)
    }
}
