import CPostgreSQL
import Glibc
internal import Platform

/// One session with one server, used from one thread at a time. Every wait for the server has a deadline; after one that passed
/// the session is given up. It ends with the object.
public final class Connection {
    /// Something that the server said beside its answer.
    public struct Notice: Sendable, Equatable {
        /// `WARNING`, `NOTICE`, `INFO`, ...
        public var severity: String
        public var state: String
        public var message: String

        public var isWarning: Bool { severity == "WARNING" }
    }

    let handle: Handle
    /// How long each answer may take.
    public var deadline: Duration
    /// Names of prepared statements by their text.
    private var prepared: [String: String] = [:]

    /// Connects, for as long as the deadline lasts. (A host's name is looked up first, which takes as long as it takes.)
    /// - parameters: in place of what the server's own say.
    public init(
        _ server: Server, _ parameters: [String: String] = [:], deadline: Duration
    ) throws(PostgresError) {
        self.deadline = deadline
        let all = server.parameters.merging(parameters) { _, new in new }
        let strings = (Array(all.keys) + Array(all.values)).map { strdup($0) }
        defer { for string in strings { free(string) } }
        let keywords = strings[..<all.count].map { UnsafePointer<CChar>($0) } + [nil]
        let values = strings[all.count...].map { UnsafePointer<CChar>($0) } + [nil]
        handle = Handle(PQconnectStartParams(keywords, values, 0))
        try connect(until: steadyClock() + deadline)
        PQsetnonblocking(handle.pointer, 1)
        handle.listenToNotices()
    }

    private func connect(until end: Duration) throws(PostgresError) {
        guard handle.pointer != nil, PQstatus(handle.pointer) != CONNECTION_BAD else { throw lost("connect") }
        var next = PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            guard next != PGRES_POLLING_FAILED else { throw lost("connect") }
            try wait(for: next == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: end, "connect")
            next = PQconnectPoll(handle.pointer)
        }
    }

    /// Whether it is of no more use.
    public var isLost: Bool { handle.isGivenUp || PQstatus(handle.pointer) != CONNECTION_OK }

    /// What the server said beside its answer to the last call, the first first.
    public var notices: [Notice] { handle.notices }
    public var hasWarned: Bool { notices.contains(where: \.isWarning) }

    /// Ends the session without waiting for anything.
    public func close() { handle.finish() }

    /// Runs a script of one or more statements, as one transaction unless it says otherwise; rows that they give are dropped.
    public func execute(_ script: String) throws(PostgresError) {
        _ = try exchange("execute", script) { PQsendQuery(handle.pointer, script) }
    }

    /// Runs one statement, prepared once for the session.
    public func query(_ sql: String, _ arguments: Arguments = Arguments()) throws(PostgresError) -> Rows {
        let name = try prepare(sql, arguments)
        let results = try exchange("run", sql) {
            arguments.withValues { values, lengths in
                PQsendQueryPrepared(
                    handle.pointer, name, Int32(clamping: arguments.count), values, lengths,
                    [Int32](repeating: 1, count: arguments.count), 1)
            }
        }
        guard let last = results.last else {
            throw PostgresError(operation: "run", kind: .misuse, message: "no answer", sql: sql)
        }
        return last
    }

    private func prepare(_ sql: String, _ arguments: Arguments) throws(PostgresError) -> String {
        if let name = prepared[sql] { return name }
        let name = "s\(prepared.count + 1)"
        _ = try exchange("prepare", sql) {
            PQsendPrepare(handle.pointer, name, sql, Int32(clamping: arguments.count), arguments.types)
        }
        prepared[sql] = name
        return name
    }

    /// Runs the body in a transaction: committed when it returns, rolled back when it throws.
    public func transaction<Value>(
        _ begin: String = "BEGIN", _ body: () throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try execute(begin)
        let value: Value
        do throws(PostgresError) { value = try body() } catch {
            if !isLost { try? execute("ROLLBACK") }
            throw error
        }
        try execute("COMMIT")
        return value
    }

    /// Waits until another session has notified this one of a channel that it listens to.
    /// - Returns: whether it has; false: the time is over.
    public func waitForNotification(_ longest: Duration) throws(PostgresError) -> Bool {
        let end = steadyClock() + longest
        while true {
            guard PQconsumeInput(handle.pointer) == 1 else { throw lost("wait") }
            var hasCome = false
            while let note = PQnotifies(handle.pointer) {
                hasCome = true
                PQfreemem(note)
            }
            if hasCome { return true }
            guard steadyClock() < end else { return false }
            _ = try poll(POLLIN, until: end, "wait")
        }
    }

    /// Sends, and takes all results of it; throws the first error among them.
    private func exchange(
        _ operation: String, _ sql: String, _ send: () -> Int32
    ) throws(PostgresError) -> [Rows] {
        guard !isLost else {
            throw PostgresError(
                operation: operation, kind: .lost, message: "the connection is closed", sql: sql)
        }
        let end = steadyClock() + deadline
        handle.notices = []
        guard send() == 1 else { throw lost(operation, sql) }
        while true {
            let left = PQflush(handle.pointer)
            if left == 0 { break }
            guard left > 0 else { throw lost(operation, sql) }
            // The server may have to be read from before it reads on.
            try wait(for: POLLIN | POLLOUT, until: end, operation, sql)
            guard PQconsumeInput(handle.pointer) == 1 else { throw lost(operation, sql) }
        }
        var results: [Rows] = []
        var failure: PostgresError?
        while true {
            while PQisBusy(handle.pointer) != 0 {
                try wait(for: POLLIN, until: end, operation, sql)
                guard PQconsumeInput(handle.pointer) == 1 else { throw failure ?? lost(operation, sql) }
            }
            guard let result = PQgetResult(handle.pointer) else { break }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                results.append(Rows(result))
            case PGRES_FATAL_ERROR:
                failure = failure ?? refusal(result, operation, sql)
                PQclear(result)
            default:
                PQclear(result)
                // A copy, which nothing here asks for and nothing could end.
                handle.isGivenUp = true
                throw PostgresError(
                    operation: operation, kind: .misuse, message: "not a statement that gives rows", sql: sql)
            }
        }
        if let failure { throw failure }
        return results
    }

    private func refusal(_ result: OpaquePointer, _ operation: String, _ sql: String) -> PostgresError {
        guard let state = field(result, "C"), let message = field(result, "M") else {
            return lost(operation, sql)
        }
        return PostgresError(operation: operation, kind: .refused, state: state, message: message, sql: sql)
    }

    private func lost(_ operation: String, _ sql: String = "") -> PostgresError {
        handle.isGivenUp = true
        let words = handle.pointer.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? ""
        // libpq's first line says it; what follows are hints, or the same of other addresses.
        let line = words.split(separator: "\n").first.map(String.init) ?? "the connection is lost"
        return PostgresError(operation: operation, kind: .lost, message: line, sql: sql)
    }

    private func wait(
        for events: Int32, until end: Duration, _ operation: String, _ sql: String = ""
    ) throws(PostgresError) {
        guard try poll(events, until: end, operation) else {
            handle.isGivenUp = true
            throw PostgresError(
                operation: operation, kind: .late, message: "no answer within \(deadline)", sql: sql)
        }
    }

    /// - Returns: false when the time is over.
    private func poll(_ events: Int32, until end: Duration, _ operation: String) throws(PostgresError) -> Bool
    {
        while true {
            let left = end - steadyClock()
            var item = pollfd(fd: PQsocket(handle.pointer), events: Int16(events), revents: 0)
            guard item.fd >= 0 else { throw lost(operation) }
            let count = Glibc.poll(&item, 1, left.wholeMilliseconds)
            if count > 0 { return true }
            if count == 0, left <= .zero { return false }
            if count == 0, steadyClock() >= end { return false }
            guard count == 0 || errno == EINTR else { throw lost(operation) }
        }
    }
}

/// Belongs to one thread.
@available(*, unavailable)
extension Connection: Sendable {}

/// One of libpq's fields of an error or a notice, by its letter (PG_DIAG_...).
private func field(_ result: OpaquePointer?, _ letter: Unicode.Scalar) -> String? {
    PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
}

/// The C connection, and what it says by the way.
final class Handle {
    private(set) var pointer: OpaquePointer?
    var notices: [Connection.Notice] = []
    /// After an answer that did not come, the next one could be taken for it.
    var isGivenUp = false

    init(_ pointer: OpaquePointer?) {
        self.pointer = pointer
    }

    deinit { finish() }

    func finish() {
        PQfinish(pointer)
        pointer = nil
    }

    /// The receiver is called within calls on the connection, which end before the handle does.
    func listenToNotices() {
        _ = PQsetNoticeReceiver(
            pointer,
            { context, result in
                guard let context else { return }
                let handle = Unmanaged<Handle>.fromOpaque(context).takeUnretainedValue()
                handle.notices.append(
                    Connection.Notice(
                        severity: field(result, "V") ?? "", state: field(result, "C") ?? "",
                        message: field(result, "M") ?? ""))
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
