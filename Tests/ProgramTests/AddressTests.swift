import Foundation
import Platform
import ProcessHarness
import Testing

/// Real programs over IPv6.
@Suite("IPv6")
struct IPv6Tests {
    /// Where the hub listens, and what its peers have for it.
    static let pairs = [("::1", "[::1]"), ("[::1]", "::1"), ("::", "::1"), ("::", "127.0.0.1")]

    @Test("a hub on an IPv6 address serves post, analyst, status and metrics", arguments: pairs)
    func served(listening: String, host: String) async throws {
        try await withDeployment { deployment in
            let shift = try deployment.shift()
            try deployment.replace(
                deployment.hub.settings, "\"\(deployment.testbed.address)\"", "\"\(listening)\"")
            for port in [0, 1, 2, 39, 40].map({ deployment.testbed.firstPort + $0 }) {
                try deployment.replace(deployment.hub.settings, "\(port)", "\(port - shift)")
            }
            for file in [deployment.post.settings, deployment.national.settings] {
                try deployment.replace(file, "\"\(deployment.testbed.address)\"", "\"\(host)\"")
                try deployment.replace(
                    file, "\(deployment.hub.controlPort)", "\(deployment.hub.controlPort - shift)")
            }
            let check = try await deployment.hub.run("check")
            #expect(check.status == 0, "\(check.words)")
            try await deployment.start()
            let published = try await deployment.post.publish(Draft.many(2), ["--wait", "100s"])
            #expect(published.status == 0, "\(published)")
            #expect(try await deployment.log().count == 2)
            let status = try await deployment.hub.run("status")
            #expect(status.status == 0, "\(status)")
            let tail = try await deployment.national.tail([
                "--since", "0", "--count", "3", "--format", "json",
            ])
            #expect(try await tail.lines(2).count == 2)
            try await deployment.post.publish(Draft.many(1), ["--wait", "100s"]).expect(0, "publish")
            #expect(try await tail.lines(3).count == 3)
            let address = host == "127.0.0.1" ? host : "[::1]"
            let url = "http://\(address):\(deployment.hub.metricsPort - shift)/healthz"
            let health = try await deployment.testbed.shell(
                "curl --silent --show-error --max-time 60 '\(url)'")
            #expect(health.status == 0, "\(health.words)")
        }
    }

    @Test("a second machine's IPv4 address is told as one, also by a hub that listens on ::")
    func mapped() async throws {
        try await withDeployment { deployment in
            let shift = try deployment.shift()
            let port = deployment.hub.controlPort - shift
            try deployment.replace(deployment.hub.settings, "\"\(deployment.testbed.address)\"", "\"::\"")
            for offset in [0, 1, 2, 39, 40].map({ deployment.testbed.firstPort + $0 }) {
                try deployment.replace(deployment.hub.settings, "\(offset)", "\(offset - shift)")
            }
            try deployment.replace(deployment.post.settings, "\(deployment.hub.controlPort)", "\(port)")
            try await deployment.hub.run("revoke", ["koh-kong"]).expect(0, "revoke")
            try await deployment.start()
            let told = try await deployment.hub.process?.wait(for: "the stranger") { account in
                account.talk.first { $0.contains("a handshake on control was refused") }
            }
            #expect(told?.contains("::ffff") == false, "\(told ?? "")")
            #expect(told?.contains("127.0.0.1") == true, "\(told ?? "")")
        }
    }
}

extension Deployment {
    /// From the testbed's ports down to some that nobody has on any address: `::` is every testbed's address.
    fileprivate func shift() throws -> Int {
        let shifts = (0..<200).map { _ in Int.random(in: 240...360) * 50 }
        return try #require(
            shifts.first { shift in
                (0...40).allSatisfy {
                    (try? ListeningPort(address: "::", port: testbed.firstPort - shift + $0)) != nil
                }
            })
    }

    /// Changes a file of the deployment, each place where the text is.
    func replace(_ path: String, _ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = text.replacingOccurrences(of: old, with: new)
        try #require(changed != text)
        try changed.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
