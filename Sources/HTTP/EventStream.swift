internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// A server-sent event (HTML, section 9.2).
public struct ServerSentEvent: Sendable, Equatable {
    /// What the client names with `Last-Event-ID` when it comes back.
    public var id: String?
    /// The event's type; nil: `message`.
    public var name: String?
    private let content: [UInt8]

    /// - data: any text; its lines arrive as they are.
    public init(id: String? = nil, name: String? = nil, data: String) {
        self.init(id: id, name: name, bytes: Array(data.utf8))
    }

    /// - bytes: a text in UTF-8.
    public init(id: String? = nil, name: String? = nil, bytes: [UInt8]) {
        self.id = id
        self.name = name
        content = bytes
    }

    public var data: String { String(decoding: content, as: UTF8.self) }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count + 64)
        if let id { bytes += Array("id: \(ServerSentEvent.line(id))\n".utf8) }
        if let name { bytes += Array("event: \(ServerSentEvent.line(name))\n".utf8) }
        bytes += ServerSentEvent.field
        if ServerSentEvent.isLine(content) {
            bytes += content
        } else {
            // What ends a line of a stream: CR LF, LF or CR, and nothing else that Unicode takes for a line's end.
            var isAfterReturn = false
            for byte in content {
                if byte == 0x0A, isAfterReturn {
                    isAfterReturn = false
                    continue
                }
                isAfterReturn = byte == 0x0D
                guard byte == 0x0A || byte == 0x0D else {
                    bytes.append(byte)
                    continue
                }
                bytes.append(0x0A)
                bytes += ServerSentEvent.field
            }
        }
        bytes += [0x0A, 0x0A]
        return bytes
    }

    private static let field = Array("data: ".utf8)

    private static func isLine(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            return memchr(start, 0x0A, bytes.count) == nil && memchr(start, 0x0D, bytes.count) == nil
        }
    }

    /// A field ends with its line, and an id must not hold a zero.
    private static func line(_ text: String) -> String { text.filter { !$0.isNewline && $0 != "\0" } }
}

/// An answer that goes on: events for one client, pushed by whoever holds this, from any thread. Never waits for the client: one
/// that does not read what it gets is cut, and counted (``HTTPServer/slowClients``).
///
/// With a source, events are pulled instead, as the client takes them: one that is slow holds nothing here but what it is being
/// sent, and is not cut while it takes anything (``HTTPServer/Bounds/silence``).
public final class EventStream: Sendable {
    /// Bytes of events that the client has not taken yet, at most; beyond it the client is cut.
    public static let mostWaiting = 262_144

    private struct State {
        var waiting: [UInt8] = []
        /// How many of them libmicrohttpd has.
        var taken = 0
        /// libmicrohttpd's, as an integer; nil before the client has it and after it is gone.
        var connection: UInt?
        /// libmicrohttpd waits for more, and looks after nothing of the connection until it is resumed.
        var isSuspended = false
        var isAttached = false
        /// The source was said to have more since it was last asked.
        var isStirred = true
        /// Nothing more comes; what waits still leaves.
        var isClosed = false
        /// The client did not read.
        var isSlow = false
        var isGone = false
    }

    private let state = Mutex(State())
    private let most: Int
    private let source: (@Sendable () -> [ServerSentEvent])?

    /// - most: bytes that may wait for the client.
    public init(mostWaiting most: Int = EventStream.mostWaiting) {
        self.most = most
        source = nil
    }

    /// - source: asked on the server's thread for the next events whenever the client has taken the last ones and
    ///   ``stir()`` was called since; none: not now.
    public init(_ source: @escaping @Sendable () -> [ServerSentEvent]) {
        most = EventStream.mostWaiting
        self.source = source
    }

    /// The source has more.
    public func stir() {
        state.withLock { state in
            state.isStirred = true
            EventStream.resume(&state)
        }
    }

    /// - Returns: false where nobody gets it: the stream is closed, the client is gone, or it is cut now. Whether a client has
    ///   gone shows only some events after that.
    @discardableResult
    public func send(_ event: ServerSentEvent) -> Bool { push(event.bytes) }

    /// A word that no client sees, so that one who has gone is found out while there are no events.
    @discardableResult
    public func keepAlive() -> Bool { push(Array(":\n\n".utf8)) }

    /// What was sent still arrives.
    public func close() {
        state.withLock { state in
            state.isClosed = true
            EventStream.resume(&state)
        }
    }

    private func push(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard !state.isClosed, !state.isSlow, !state.isGone else { return false }
            guard state.waiting.count - state.taken + bytes.count <= most else {
                state.isSlow = true
                EventStream.cut(&state)
                return false
            }
            state.waiting += bytes
            EventStream.resume(&state)
            return true
        }
    }

    private static func resume(_ state: inout State) {
        guard state.isSuspended, let connection = state.connection else { return }
        state.isSuspended = false
        MHD_resume_connection(OpaquePointer(bitPattern: connection))
    }

    /// Ends the connection under libmicrohttpd, which waits for a client that does not read otherwise.
    private static func cut(_ state: inout State) {
        guard let connection = state.connection else { return }
        cmhd_shutdown(OpaquePointer(bitPattern: connection))
        resume(&state)
    }

    /// Whether nobody gets anything more of it.
    public var isOver: Bool { state.withLock { $0.isClosed || $0.isGone || $0.isSlow } }

    // MARK: For the server

    /// Whether a client was cut since it did not read.
    var isSlow: Bool { state.withLock { $0.isSlow } }

    /// - Returns: false where it is another client's already.
    func attach(_ connection: OpaquePointer) -> Bool {
        state.withLock { state in
            guard !state.isAttached else { return false }
            state.isAttached = true
            state.connection = UInt(bitPattern: connection)
            return true
        }
    }

    /// The client is gone, and libmicrohttpd frees its connection.
    /// - isLate: it did not read for as long as it may.
    func detach(isLate: Bool = false) {
        state.withLock { state in
            state.connection = nil
            state.isGone = true
            if isLate { state.isSlow = true }
            state.waiting = []
            state.taken = 0
        }
    }

    /// The server ends.
    func abandon() {
        state.withLock { state in
            state.isClosed = true
            EventStream.cut(&state)
        }
    }

    /// libmicrohttpd's content reader.
    func read(into buffer: UnsafeMutablePointer<CChar>, most: Int) -> Int {
        while true {
            refill()
            if let count = give(buffer, most) { return count }
        }
    }

    /// - Returns: nil where the source was stirred just now, and is to be asked once more rather than missed.
    private func give(_ buffer: UnsafeMutablePointer<CChar>, _ most: Int) -> Int? {
        state.withLock { state in
            if state.isSlow { return EventStream.failed }
            let count = min(most, state.waiting.count - state.taken)
            guard count > 0 else {
                if state.isClosed { return EventStream.ended }
                guard let connection = state.connection else { return EventStream.failed }
                if source != nil, state.isStirred { return nil }
                state.isSuspended = true
                MHD_suspend_connection(OpaquePointer(bitPattern: connection))
                return 0
            }
            let next = state.waiting[state.taken..<state.taken + count]
            UnsafeMutableRawBufferPointer(start: buffer, count: count).copyBytes(from: next)
            state.taken += count
            if state.taken == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: true)
                state.taken = 0
            }
            return count
        }
    }

    /// The source is asked without the lock, since it has locks of its own.
    private func refill() {
        guard let source else { return }
        let isEmpty = state.withLock { state in
            guard state.waiting.isEmpty, state.isStirred, !state.isClosed else { return false }
            state.isStirred = false
            return true
        }
        guard isEmpty else { return }
        let events = source()
        guard !events.isEmpty else { return }
        state.withLock { state in
            for event in events { state.waiting += event.bytes }
            // What it gave may not be all.
            state.isStirred = true
        }
    }

    // MHD_CONTENT_READER_END_OF_STREAM and MHD_CONTENT_READER_END_WITH_ERROR, which are casts that Swift does not import.
    private static let ended = -1
    private static let failed = -2
}
