internal import Alerts
internal import Glibc
internal import Identity
internal import Settings
internal import Wire
internal import LogProof

/// The printing thread's loop: reads, checks, filters and writes what the reader found, and moves the cursor after it.
final class Printer {
    /// Alerts written at once at the most; the cursor moves after each such write.
    static let most = 256

    private let queue: PrintQueue
    private let format: any AlertFormat
    /// The hub's keys in it may become more.
    private let keyring: () -> PublicKeyring
    private let hub: KnownHub
    private let provinces: ProvinceDirectory
    private let filter: Filter
    private let words: SearchWords?
    private let until: Until?
    private let cursor: Cursor?
    private let count: Int?
    private let log: LogBox
    private var seals = SealChecker()
    private var authors = Authors()
    private var order = PostOrder()
    private var printed = 0
    /// Ids of what a search has shown.
    private var shown: Set<[UInt8]> = []
    private var unknownPosts: Set<String> = []
    private var progress: Progress?
    private var first: UInt64?
    private let file = AppendedFile(STDOUT_FILENO)
    private var isOpened = false
    private let tell: (String) -> Void

    /// - count: end after this many; nil: never. log: known before the first alert comes. progress: nil shows none.
    init(
        _ queue: PrintQueue, format: any AlertFormat, keyring: @escaping () -> PublicKeyring, hub: KnownHub,
        provinces: ProvinceDirectory, filter: Filter, words: SearchWords?, until: Until?,
        cursor: Cursor?, count: Int?, log: LogBox, progress: Progress?, tell: @escaping (String) -> Void
    ) {
        self.queue = queue
        self.format = format
        self.keyring = keyring
        self.hub = hub
        self.provinces = provinces
        self.filter = filter
        self.words = words
        self.until = until
        self.progress = progress
        self.cursor = cursor
        self.count = count
        self.log = log
        self.tell = tell
    }

    func run() {
        defer { progress?.end() }
        do {
            try StandardOutput.write(opening())
            while let alerts = queue.take(atMost: Printer.most) {
                if try !write(alerts) { break }
            }
            cursor?.sync()
        } catch OutputError.closed {
            queue.finish(.closed)
        } catch {
            queue.finish(.failed("\(error)"))
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
    private func write(_ alerts: [StreamedAlert]) throws -> Bool {
        var bytes = opening()
        var last: UInt64?
        var isDone = false
        let before = printed
        let keyring = keyring()
        for streamed in alerts {
            if let until, until.excludes(streamed, now: log.hubTime) {
                isDone = true
                break
            }
            last = streamed.offset
            let alert = streamed.read(provinces)
            // What the header says, so that alerts whose content is erased count.
            let header = try? PostHeader(decoding: streamed.header)
            authors.note(header)
            guard selects(streamed, header, alert) else { continue }
            // Of what is printed alone, since checking the seal takes longest.
            var read = ReadAlert(streamed, header, alert, keyring, &seals, hub: hub.keys)
            read.authorship = authors.authorship(of: header)
            if words != nil, let header { shown.insert(header.facts.id) }
            warn(read)
            bytes += format.bytes(of: read)
            printed += 1
            if let count, printed >= count {
                isDone = true
                break
            }
        }
        let place = log.value
        if let cursor, let first = alerts.first, let last, let place {
            try cursor.announce(bytes.count, before: max(1, first.offset) - 1, offset: last, log: place)
        }
        if !bytes.isEmpty { progress?.end() }
        try StandardOutput.write(bytes)
        show(last, of: queue.count(printed: printed - before))
        if let cursor, let last, let place { try cursor.move(to: last, log: place) }
        if isDone { queue.finish(.complete) }
        return !isDone
    }

    private func selects(_ streamed: StreamedAlert, _ header: PostHeader?, _ alert: Alert?) -> Bool {
        // The operator's word is not to be missed: a search shows it where it is of what was shown.
        if let header, header.facts.notice != nil {
            guard let words else { return true }
            return header.facts.references.contains { shown.contains($0) }
                || words.occur(inUnread: streamed.payload)
        }
        // There is nothing left in what was erased that could match.
        guard !streamed.payload.isEmpty else { return filter == Filter() && words == nil }
        // What can't be read is shown: a filter must not hide what it can't judge.
        guard let alert else { return words?.occur(inUnread: streamed.payload) ?? true }
        return filter.matches(alert) && (words?.occur(in: alert) ?? true)
    }

    private func show(_ last: UInt64?, of head: UInt64) {
        guard let last else { return }
        let before = max(1, first ?? last) - 1
        first = before + 1
        guard head > before, last > before else { return }
        progress?.show(last - before, of: head - before)
    }

    /// Of what is printed: a filter lets numbers out, and changes no order.
    private func warnOfOrder(_ read: ReadAlert) {
        guard read.check != .invalid,
            let problem = order.take(post: read.post, epoch: read.epoch, sequence: read.sequence)
        else { return }
        progress?.end()
        tell(
            "offset \(read.streamed.offset): \(problem): the hub's log was put together anew; tell its operator, and keep "
                + "what you have")
    }

    private func warn(_ read: ReadAlert) {
        warnOfOrder(read)
        guard !read.isErased || read.action != nil else { return }
        if read.check != .valid { progress?.end() }
        switch read.check {
        case .valid: break
        case .invalid: tell("offset \(read.streamed.offset): the signature of \(read.post) does not verify")
        case .unknown:
            if unknownPosts.insert(read.post).inserted {
                tell(
                    "no public key of \(read.post) in the settings' posts directory: its signatures can't be checked"
                )
            }
        }
    }
}
