import AlertFeed
import AlertPost
import Alerts
import CAP
import Platform
import Settings
import Synchronization
import Wire
import ZeroMQ

/// `borderwire export`, and `borderwire search` into documents: the stream as files, each alert one document. Without a cursor
/// whatever is found is put into the directory anew.
struct DocumentExport {
    /// Between two tries while the hub does not answer.
    static let pause = Duration.seconds(3)
    /// Told to stop, it waits so long for the document that is being made.
    static let longestStop = Duration.seconds(12)

    var query: FeedClient.Query
    /// End after this many; nil: never.
    var count: Int?
    var cursor: String?
    var out: String
    var target: ExportTarget

    /// What there is to say in the end.
    struct Tally: Sendable {
        var written = 0
        var kept = 0
        var failure: Failure?

        enum Failure: Sendable {
            case reader(ReaderFailure)
            case file(FileError)
            case other(String)
        }
    }

    /// Between the thread that writes and the one that waits for signals.
    private final class Shared: Sendable {
        let tally = Mutex(Tally())
        let isStopped = Atomic<Bool>(false)
        let stop: Wake
        let end: Wake

        init() throws {
            stop = try Wake()
            end = try Wake()
        }
    }

    /// Call from the main thread before any other thread exists.
    func run(_ settings: ReaderSettings, provinces: ProvinceDirectory) throws -> ExitStatus {
        let signals = try SignalSource()
        let shared = try Shared()
        let place = try cursor.map { name in
            guard let state = settings.state else {
                throw ReaderFailure.noState("--cursor needs a directory to keep it in")
            }
            return (cursor: try Cursor(name, directory: state.path), name: name, state: state.path)
        }
        let client = try FeedClient(
            query, settings, provinces: provinces, cursor: place?.cursor, tell: say)
        let writing = try NamedThread("export") {
            do {
                let directory = try DocumentDirectory(out)
                var sent: SentDocuments?
                if let place {
                    try directory.settle(cursor: place.name, through: place.cursor.place?.offset)
                    sent = try SentDocuments(
                        Files.path("\(place.name).exported", from: place.state),
                        destination: target.destination,
                        now: Timestamp(milliseconds: wallClockMilliseconds()))
                }
                let maker = try DocumentMaker(
                    target, settings, provinces: provinces, sent: sent, directory: directory)
                try write(client, maker, directory, sent, place?.cursor, shared)
            } catch {
                shared.tally.withLock { $0.failure = Tally.Failure(error) }
            }
            shared.end.signal()
        }
        let isEnded = DocumentExport.wait(for: shared.end, signals)
        shared.isStopped.store(true, ordering: .relaxed)
        shared.stop.signal()
        client.close(farewell: FeedClient.farewell)
        if isEnded || shared.end.wait(atMost: DocumentExport.longestStop) {
            writing.join()
        } else {
            // What it has not finished its cursor has not moved over.
            writing.abandon()
        }
        let tally = shared.tally.withLock { $0 }
        say(
            "\(tally.written) documents for \(target.destination) in \(out), \(tally.kept) alerts kept back")
        switch tally.failure {
        case .reader(let failure): throw failure
        case .file(let error): throw error
        case .other(let words): throw Failure(words, status: .software)
        case nil: return query.words != nil && isEnded && tally.written + tally.kept == 0 ? .noInput : .ok
        }
    }

    /// - Returns: false where a signal came first.
    private static func wait(for end: Wake, _ signals: borrowing SignalSource) -> Bool {
        while true {
            var items = [PollItem(descriptor: end.descriptor), PollItem(descriptor: signals.descriptor)]
            guard (try? poll(&items, timeout: nil)) != nil else { return false }
            if items[0].isReady { return true }
            while let signal = signals.next() {
                if signal == .stop { return false }
            }
        }
    }

    private func write(
        _ client: FeedClient, _ maker: DocumentMaker, _ directory: DocumentDirectory, _ sent: SentDocuments?,
        _ cursor: Cursor?, _ shared: Shared
    ) throws {
        var taken = 0
        while let batch = try client.next() {
            let alerts = batch.alerts.prefix(count.map { $0 - taken } ?? .max)
            taken += alerts.count
            let isDone = count.map { taken >= $0 } ?? false
            var tally = Tally()
            for read in alerts {
                guard let outcome = try document(of: read, maker, shared) else { return }
                switch outcome {
                case .stays(let reason):
                    tally.kept += 1
                    say("kept back \(DocumentExport.name(of: read)): \(reason)")
                case .document(let bytes, let reference):
                    tally.written += 1
                    guard let name = self.cursor, let id = CAPProfile.alertID(of: reference.identifier) else {
                        try directory.put(bytes, reference.identifier)
                        continue
                    }
                    try directory.prepare(
                        bytes, reference.identifier, cursor: name, offset: read.streamed.offset)
                    sent?.add(id, reference)
                }
            }
            try directory.sync()
            try sent?.sync()
            if let through = isDone ? alerts.last?.streamed.offset : batch.through {
                try client.advance(to: through)
                if tally.written > 0 { cursor?.sync() }
            }
            try directory.name()
            shared.tally.withLock {
                $0.written += tally.written
                $0.kept += tally.kept
            }
            if isDone { return }
        }
    }

    /// Follows as long as it takes while the hub is away, or too busy.
    /// - Returns: nil where it was told to stop.
    private func document(
        of read: ReadAlert, _ maker: DocumentMaker, _ shared: Shared
    ) throws -> DocumentMaker.Outcome? {
        var isTold = false
        while !shared.isStopped.load(ordering: .relaxed) {
            do { return try maker.document(of: read) } catch let failure as ReaderFailure
                where query.follows && failure.exitStatus == .unavailable
            {
                if !isTold { say("waits: \(failure)") }
                isTold = true
                if shared.stop.wait(atMost: DocumentExport.pause) { return nil }
            }
        }
        return nil
    }

    private static func name(of read: ReadAlert) -> String {
        let id = read.facts.flatMap { AlertID(bytes: $0.id) }
        return "#\(read.streamed.offset)" + (id.map { " \($0)" } ?? "")
    }
}

extension DocumentExport.Tally.Failure {
    init(_ error: any Error) {
        switch error {
        case let failure as ReaderFailure: self = .reader(failure)
        case let error as FileError: self = .file(error)
        default: self = .other("\(error)")
        }
    }
}
