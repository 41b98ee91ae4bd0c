internal import CSystemd
internal import Glibc
internal import Printable

/// A kind of event that an operator may see.
public protocol LogEvent: Sendable {
    /// A word of lower-case letters and `-`, one per kind.
    var name: String { get }
    /// 32 hexadecimal digits, always the same for one kind (systemd.journal-fields(7), MESSAGE_ID).
    var messageID: String { get }
}

/// The log of a daemon: to the journal with fields when stderr is connected to it, else a line on stderr.
///
/// Holds ids and counts, never an alert's content. Message and fields are made ``printable(_:atMost:)``, since reasons and
/// names come from peers. Thread-safe: each event is one system call.
public struct Log<Event: LogEvent>: Sendable {
    public enum Priority: Int32, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case information = 6
    }

    /// Characters of a message, at most, and of a field.
    static var longestMessage: Int { 2_000 }
    static var longestField: Int { 500 }

    private let program: String
    private let toJournal: Bool
    private let tells: @Sendable (Event) -> Bool

    /// - tells: which events it takes.
    public init(program: String, tells: @escaping @Sendable (Event) -> Bool = { _ in true }) {
        self.program = program
        self.tells = tells
        toJournal = stderrIsJournal()
    }

    /// - fields: journal fields without the `BORDERWIRE_` prefix, upper-case; shown as `key=value` on stderr. A nil is left
    ///   out.
    public func callAsFunction(
        _ event: Event, _ priority: Priority, _ message: String,
        _ fields: KeyValuePairs<String, String?> = [:]
    ) {
        guard tells(event) else { return }
        let message = printable(message, atMost: Log.longestMessage)
        let fields = fields.compactMap { key, value in
            value.map { (key, printable($0, atMost: Log.longestField)) }
        }
        if toJournal, sendToJournal(event, priority, message, fields) { return }
        var line = "\(program): \(message)"
        for (key, value) in fields { line += " \(key.lowercased())=\(value)" }
        writeLine(line)
    }

    /// sd_journal_sendv(3): one iovec per `FIELD=value`.
    private func sendToJournal(
        _ event: Event, _ priority: Priority, _ message: String, _ fields: [(String, String)]
    ) -> Bool {
        var entries = [
            "MESSAGE=\(message)", "MESSAGE_ID=\(event.messageID)", "PRIORITY=\(priority.rawValue)",
            "SYSLOG_IDENTIFIER=\(program)", "BORDERWIRE_EVENT=\(event.name)",
        ]
        for (key, value) in fields { entries.append("BORDERWIRE_\(key)=\(value)") }
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        for entry in entries {
            let start = bytes.count
            bytes.append(contentsOf: entry.utf8)
            ranges.append(start..<bytes.count)
        }
        return bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            let vectors = ranges.map { iovec(iov_base: base + $0.lowerBound, iov_len: $0.count) }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }

    private func writeLine(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// JOURNAL_STREAM names the device and inode of the journal's stream (systemd.exec(5)); stderr may since be another.
private func stderrIsJournal() -> Bool {
    guard let stream = getenv("JOURNAL_STREAM").map({ String(cString: $0) }) else { return false }
    var info = stat()
    guard fstat(STDERR_FILENO, &info) == 0 else { return false }
    return stream == "\(info.st_dev):\(info.st_ino)"
}
