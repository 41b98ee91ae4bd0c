import AlertHub
import Foundation
import Platform
import ProcessHarness
import Testing

/// The programs of a post and of an analyst, whose settings name three hubs.
@Suite("Programs that know three hubs")
struct ClusterProgramTests {
    private struct Line: Decodable {
        var offset: UInt64
    }

    @Test("post and tail go over from hub to hub, and what tail prints has no gap and no duplicate")
    func stopped() async throws {
        let cluster = try Cluster()
        try cluster.startHubs()
        _ = (try cluster.postSettings(), try cluster.readerSettings())
        let testbed = try Testbed()
        let post = try await testbed.start(.post, ["run", "--config", cluster.directory + "/post.toml"])
        let tail = try await testbed.start(
            .analyst,
            [
                "tail", "--config", cluster.directory + "/analyst.toml", "--since", "0", "--format", "json",
                "--cursor", "place",
            ])
        var expected = 0
        for _ in 0..<3 {
            for _ in 0..<2 {
                try cluster.publish(10)
                expected += 10
                _ = try await tail.lines(expected)
                let writer = try cluster.writer()
                // The second time it is there again.
                if cluster.hubs[writer].address != nil { try cluster.hubs[writer].stop() }
                for hub in cluster.hubs.enumerated() where hub.offset != writer { try hub.element.start() }
            }
        }
        let offsets = try tail.account.output.map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8)).offset
        }
        #expect(offsets == Array(1...UInt64(expected)))
        try await tail.stop()
        try await post.stop()
        for hub in cluster.hubs { try hub.stop() }
    }
}
