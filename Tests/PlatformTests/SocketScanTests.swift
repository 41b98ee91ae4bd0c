import Foundation
import Glibc
import Testing

@testable import Platform

@Suite("Socket scan")
struct SocketScanTests {
    /// A listening socket, a connection to it, and the accepted end of it.
    private func pair() throws -> (listener: Int32, ours: Int32, theirs: Int32, port: Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let theirs = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                [
                    bind(listener, name, size), listen(listener, 5), getsockname(listener, name, &size),
                    connect(theirs, name, size),
                ]
            }
        }
        try #require(result == [0, 0, 0, 0])
        let ours = accept(listener, nil, nil)
        try #require(ours >= 0)
        return (listener, ours, theirs, Int(UInt16(bigEndian: address.sin_port)))
    }

    @Test(
        "a connection is found with its address, its port and what went through it, and can be cut; a listener is none"
    )
    func connection() throws {
        let (listener, ours, theirs, port) = try pair()
        defer { for descriptor in [listener, ours, theirs] { close(descriptor) } }
        var scan = SocketScan()
        #expect(write(ours, "greeting", 8) == 8 && write(theirs, "hello", 5) == 5)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(recv(theirs, &bytes, 8, Int32(MSG_WAITALL)) == 8)
        // Other tests of this process have connections too, or none.
        let found = scan.look(settled: 100).filter { $0.tcp.descriptor == ours }
        #expect(scan.used >= 6)
        let connection = try #require(found.first)
        #expect(connection.localPort == port && connection.address == [127, 0, 0, 1])
        #expect(connection.tcp.received == 5 && connection.tcp.acknowledged == 8)
        #expect(scan.look(settled: 100).contains { $0.tcp.descriptor == listener } == false)
        #expect(
            scan.look(settled: 100).first { $0.tcp.descriptor == ours }?.tcp.cookie == connection.tcp.cookie)
        connection.tcp.cut(resets: true)
        #expect(recv(ours, &bytes, 8, 0) == 5)
        #expect(recv(ours, &bytes, 8, 0) == 0)
    }

    @Test("whose number has become another's is not cut")
    func reused() throws {
        let first = try pair()
        var scan = SocketScan()
        let connection = try #require(scan.look(settled: 0).first { $0.tcp.descriptor == first.ours })
        let second = try pair()
        defer {
            for descriptor in [
                second.listener, second.ours, second.theirs, first.listener, first.ours, first.theirs,
            ] { close(descriptor) }
        }
        #expect(dup2(second.ours, first.ours) == first.ours)
        connection.tcp.cut(resets: true)
        #expect(write(first.theirs, "x", 1) >= -1)
        #expect(write(second.theirs, "still", 5) == 5)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(recv(first.ours, &bytes, 8, 0) == 5)
    }
}
