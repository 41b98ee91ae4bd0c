import Foundation
import Testing

/// A TCP client that writes and reads bytes, and says nothing by itself.
final class RawClient {
    /// For each read: a server that works needs a thousandth of it.
    private static let patience = 20
    private let socket: Int32

    /// - receiveBuffer: bytes that the kernel keeps for it; nil: as many as usual.
    init(_ port: Int, receiveBuffer: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(
                socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var longest = timeval(tv_sec: RawClient.patience, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
    }

    deinit { close(socket) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// What has come when it holds the text, or at the connection's end.
    func read(until text: String? = nil) -> String {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer.prefix(count)
            if let text, String(decoding: answer, as: UTF8.self).contains(text) { break }
        }
        return String(decoding: answer, as: UTF8.self)
    }

    /// Ends the connection at once.
    func leave() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// One exchange: what is sent, and all that comes back until the server closes.
    static func exchange(_ port: Int, _ text: String) throws -> String {
        let client = try RawClient(port)
        client.send(text)
        return client.read()
    }
}
