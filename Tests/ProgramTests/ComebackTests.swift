import AlertPost
import Foundation
import Glibc
import Platform
import ProcessHarness
import Testing

/// libzmq never connects again after a refused key, or an answer that is no ZeroMQ: the programs make the socket anew.
@Suite("Coming back")
struct ComebackTests {
    @Test("a post that runs before it is enrolled comes in once it is, without a restart")
    func enrolledLater() async throws {
        try await withDeployment { deployment in
            #expect(try await deployment.hub.run("revoke", ["koh-kong"]).status == 0)
            try await deployment.start()
            try await deployment.post.link(is: "refused")
            try await deployment.hub.enroll(deployment.post.publicKey, publish: ["koh-kong"])
            let account = try await deployment.post.publish(
                Draft.many(1), ["--wait", "100s"], within: .seconds(120))
            #expect(account.status == 0, "\(account)")
        }
    }

    @Test("a post whose grant was taken and given back sends on, without a restart")
    func grantedAgain() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            try await deployment.post.publish(Draft.many(1), ["--wait", "100s"], within: .seconds(120))
                .expect(0, "publish")
            try await deployment.hub.enroll(deployment.post.publicKey, read: ["koh-kong"])
            // Its connections end, and the next ones are judged by the grant of now.
            try await deployment.hub.kill()
            try await deployment.hub.start()
            try await deployment.post.link(is: "refused")
            try await deployment.hub.enroll(deployment.post.publicKey, publish: ["koh-kong"])
            let account = try await deployment.post.publish(
                Draft.many(1), ["--wait", "100s"], within: .seconds(120))
            #expect(account.status == 0, "\(account)")
        }
    }

    @Test("who found another program on the hub's port finds the hub there later")
    func anotherProgram() async throws {
        try await withDeployment { deployment in
            let other = try OtherProgram(deployment.testbed.address, deployment.hub.controlPort)
            try await deployment.post.start()
            let tail = try await deployment.national.tail(["--since", "0", "--format", "json"])
            // One connection of each; neither says anything more after the answer.
            #expect(other.answer(2, within: Testbed.patience) == 2)
            other.close()
            try await deployment.hub.start()
            let account = try await deployment.post.publish(
                Draft.many(1), ["--wait", "100s"], within: .seconds(120))
            #expect(account.status == 0, "\(account)")
            #expect(try await tail.lines(1, within: .seconds(120)).count == 1)
        }
    }
}

extension TestPost {
    /// Returns once the post says so of its link.
    fileprivate func link(is wanted: String) async throws {
        let end = steadyClock() + .seconds(60)
        var link: String
        repeat {
            link = try await status().link
        } while link != wanted && steadyClock() < end
        try #require(link == wanted)
    }
}

/// Answers each connection like a web server that is asked for nonsense, and closes it.
private final class OtherProgram: Sendable {
    private let descriptor: Int32

    init(_ address: String, _ port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(port).bigEndian
        place.sin_addr.s_addr = inet_addr(address)
        let bound = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0 && listen(descriptor, 8) == 0, "errno \(errno)")
    }

    /// - Returns: how many connections it has answered.
    func answer(_ count: Int, within longest: Duration) -> Int {
        let end = steadyClock() + longest
        var answered = 0
        while answered < count, steadyClock() < end {
            var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&item, 1, 100) > 0 else { continue }
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { continue }
            let words = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
            answered += write(connection, words, words.count) == words.count ? 1 : 0
            // Reads to the end, so that closing does not reset what was written.
            shutdown(connection, Int32(SHUT_WR))
            var bytes = [UInt8](repeating: 0, count: 256)
            while read(connection, &bytes, bytes.count) > 0 {}
            Glibc.close(connection)
        }
        return answered
    }

    func close() { _ = Glibc.close(descriptor) }
}
