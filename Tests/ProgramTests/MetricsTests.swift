import Foundation
import ProcessHarness
import Testing

@Suite("Metrics")
struct MetricsTests {
    @Test("a running hub serves what it counted, its health and whether it is ready")
    func served() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let account = try await deployment.post.run(
                ["publish", "suspect", "--role", "recruiter", "--headline", "Invented", "--wait", "100s"])
            try account.expect(0, "publish")
            #expect(try get("/healthz", deployment).hasPrefix("HTTP/1.1 200 "))
            #expect(try get("/readyz", deployment).hasPrefix("HTTP/1.1 200 "))
            // A snapshot is at most a second old.
            let end = ContinuousClock.now + Testbed.patience
            var text = try get("/metrics", deployment)
            while !text.contains("_stored_total 1\n"), ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(50))
                text = try get("/metrics", deployment)
            }
            for line in [
                "borderwire_alerts_stored_total 1", "borderwire_commit_seconds_count 1",
                "borderwire_stored_seconds_count 1", "borderwire_post_silent{post=\"koh-kong\"} 0",
            ] { #expect(text.contains("\n\(line)\n"), "\(line)") }
            #expect(!text.contains("Invented"))
        }
    }

    private func get(_ path: String, _ deployment: Deployment) throws -> String {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: deployment.hub.metricsPort).bigEndian
        address.sin_addr.s_addr = inet_addr(deployment.testbed.address)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        let request = Array("GET \(path) HTTP/1.0\r\n\r\n".utf8)
        _ = request.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 {
            answer += buffer.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
