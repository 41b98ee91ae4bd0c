import Foundation
import Synchronization
import Testing

/// A browser of one person: asks one origin, keeps a cookie, and says of itself what a browser says. Each request has a connection
/// of its own.
final class Browser {
    /// For each read: a server that works needs a thousandth of it.
    static let patience = 20

    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: String

        var json: [String: Any] {
            get throws {
                try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
            }
        }
    }

    let port: Int
    var cookie: String?

    init(port: Int) { self.port = port }

    var origin: String { "http://127.0.0.1:\(port)" }

    /// - headers: in place of a browser's own; an empty value leaves one out.
    func ask(
        _ path: String, post body: String? = nil, _ headers: [String: String] = [:]
    ) throws -> Answer {
        let socket = try Browser.connect(port)
        defer { close(socket) }
        Browser.send(socket, head(path, body, headers, keeps: false) + (body ?? ""))
        return try Browser.answer(Browser.readAll(socket))
    }

    /// Follows the address that `open` gives.
    func enter(_ address: String) throws -> Answer {
        let path = try #require(address.range(of: "/enter?")).lowerBound
        let answer = try ask(String(address[path...]))
        if let cookie = answer.headers["set-cookie"]?.split(separator: ";").first {
            self.cookie = String(cookie)
        }
        return answer
    }

    /// Opens a stream of events.
    func events(after offset: UInt64? = nil) throws -> EventReader {
        let headers = offset.map { ["Last-Event-ID": "\($0)"] } ?? [:]
        let socket = try Browser.connect(port)
        Browser.send(socket, head("/api/events", nil, headers, keeps: true))
        return EventReader(socket)
    }

    private func head(_ path: String, _ body: String?, _ given: [String: String], keeps: Bool) -> String {
        var headers = ["Host": "127.0.0.1:\(port)", "Connection": keeps ? "keep-alive" : "close"]
        if let cookie { headers["Cookie"] = cookie }
        if let body {
            headers["Origin"] = origin
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = "\(body.utf8.count)"
        }
        headers.merge(given) { $1 }
        let lines = headers.filter { !$0.value.isEmpty }.map { "\($0.key): \($0.value)\r\n" }.joined()
        return "\(body == nil ? "GET" : "POST") \(path) HTTP/1.1\r\n\(lines)\r\n"
    }

    // MARK: Bytes

    static func connect(_ port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var longest = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        return socket
    }

    static func send(_ socket: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            done += count
        }
    }

    static func readAll(_ socket: Int32) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return answer }
            answer += buffer.prefix(count)
        }
    }

    static func answer(_ bytes: [UInt8]) throws -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        let end = try #require(text.range(of: "\r\n\r\n"))
        var lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let status = try #require(Int(lines.removeFirst().split(separator: " ")[1]))
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
                .trimmingCharacters(in: .whitespaces)
        }
        return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
    }
}

/// Reads one stream of events as a browser does, until it is dropped.
final class EventReader {
    struct Event: Equatable, Sendable {
        var name = ""
        var id: String?
        var data = ""
    }

    private struct State {
        var bytes: [UInt8] = []
        var text: [UInt8] = []
        var events: [Event] = []
        var isOver = false
        var hasHead = false
    }

    private let socket: Int32
    private let state = Mutex(State())

    init(_ socket: Int32) {
        self.socket = socket
        let box = Box(self)
        Thread.detachNewThread { [socket] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(socket, &buffer, buffer.count, 0)
                if count < 0, errno == EAGAIN || errno == EINTR { continue }
                guard let reader = box.reader else { break }
                guard count > 0 else {
                    reader.state.withLock { $0.isOver = true }
                    break
                }
                reader.take(buffer.prefix(count))
            }
            close(socket)
        }
    }

    private final class Box: @unchecked Sendable {
        weak var reader: EventReader?
        init(_ reader: EventReader) { self.reader = reader }
    }

    deinit { shutdown(socket, Int32(SHUT_RDWR)) }

    var events: [Event] { state.withLock { $0.events } }
    var isOver: Bool { state.withLock { $0.isOver } }

    /// What the alerts of all events so far say, in their order.
    var alerts: [[String: Any]] {
        events.filter { ["alert", "batch"].contains($0.name) }.flatMap { event -> [[String: Any]] in
            let json = try? JSONSerialization.jsonObject(with: Data(event.data.utf8))
            return json as? [[String: Any]] ?? [json as? [String: Any] ?? [:]]
        }
    }

    var offsets: [UInt64] { alerts.compactMap { ($0["offset"] as? NSNumber)?.uint64Value } }

    /// Events of a name so far, as JSON.
    func named(_ name: String) -> [[String: Any]] {
        events.filter { $0.name == name }.compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.data.utf8)) as? [String: Any]
        }
    }

    /// Waits until it is so.
    func until(_ isSo: (EventReader) -> Bool) -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while !isSo(self) {
            guard ContinuousClock.now < end else { return false }
            Thread.sleep(forTimeInterval: 0.005)
        }
        return true
    }

    private func take(_ bytes: some Sequence<UInt8>) {
        state.withLock { state in
            state.bytes += bytes
            if !state.hasHead {
                guard let end = state.bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
                state.bytes.removeFirst(end.upperBound)
                state.hasHead = true
            }
            // Chunks: a size in hexadecimal digits, then as many bytes.
            while let line = state.bytes.firstRange(of: [0x0D, 0x0A]),
                let size = Int(String(decoding: state.bytes[..<line.lowerBound], as: UTF8.self), radix: 16),
                size > 0, state.bytes.count >= line.upperBound + size + 2
            {
                state.text += state.bytes[line.upperBound..<line.upperBound + size]
                state.bytes.removeFirst(line.upperBound + size + 2)
            }
            while let end = state.text.firstRange(of: [0x0A, 0x0A]) {
                var event = Event()
                let text = String(decoding: state.text[..<end.lowerBound], as: UTF8.self)
                for field in text.split(separator: "\n") {
                    if field.hasPrefix("id: ") { event.id = String(field.dropFirst(4)) }
                    if field.hasPrefix("event: ") { event.name = String(field.dropFirst(7)) }
                    if field.hasPrefix("data: ") { event.data += field.dropFirst(6) }
                }
                state.events.append(event)
                state.text.removeFirst(end.upperBound)
            }
        }
    }
}
