import AlertFeed
import AlertHub
import AlertPost
import AlertStore
import Foundation
import MemoryStore
import Platform
import Provinces
import Settings
import Testing
import Wire

/// Real hubs over one log, of which one is stopped, or the log goes away.
@Suite("Three hubs that share a log")
struct ClusterTests {
    /// Reads until so many alerts have come.
    private func offsets(_ client: FeedClient, through last: UInt64) throws -> [UInt64] {
        var offsets: [UInt64] = []
        let end = ContinuousClock.now + Pair.deadline
        while (offsets.last ?? 0) < last, ContinuousClock.now < end {
            guard let batch = try client.next(atMost: .milliseconds(200)) else { break }
            offsets += batch.alerts.map(\.streamed.offset)
        }
        return offsets
    }

    private func client(_ cluster: Cluster) throws -> FeedClient {
        var query = FeedClient.Query()
        query.follows = true
        query.start = .after(0, log: nil)
        return try FeedClient(
            query, cluster.readerSettings(),
            provinces: try ReferenceData.provinces(overlay: Pair.provinces))
    }

    @Test(
        "the one that writes is stopped: the next takes over, and post and reader go on without a gap or a duplicate"
    )
    func stopped() throws {
        let cluster = try Cluster()
        try cluster.start()
        let client = try client(cluster)
        defer { client.close(farewell: .zero) }
        var expected: UInt64 = 0
        for _ in 0..<3 {
            try cluster.publish(20)
            expected += 20
            try cluster.waitStored(expected)
            let writer = try cluster.writer()
            try cluster.hubs[writer].stop()
            try cluster.publish(20)
            expected += 20
            try cluster.waitStored(expected)
            #expect(try cluster.writer() != writer)
            try cluster.hubs[writer].start()
        }
        #expect(try offsets(client, through: expected) == Array(1...expected))
        // Whoever follows knows all of it.
        for place in cluster.hubs.indices {
            try Cluster.wait("hub \(place) to follow") { try cluster.status(place).offset == expected }
        }
        try cluster.stop()
    }

    @Test("the answer of a commit is lost: nothing of it is lost or stored twice")
    func unknown() throws {
        let cluster = try Cluster()
        try cluster.start()
        let client = try client(cluster)
        defer { client.close(farewell: .zero) }
        for round in UInt64(1)...4 {
            cluster.log.loseNextAnswer()
            try cluster.publish(10)
            try cluster.waitStored(round * 10)
        }
        #expect(try offsets(client, through: 40) == Array(1...40))
        #expect(try MemoryReader(cluster.log).head() == 40)
        try cluster.stop()
    }

    @Test("the store is away: nobody is answered until it is back, and then all goes on")
    func away() throws {
        let cluster = try Cluster()
        try cluster.start()
        let client = try client(cluster)
        defer { client.close(farewell: .zero) }
        try cluster.publish(5)
        try cluster.waitStored(5)
        cluster.log.set(isAway: true)
        for place in cluster.hubs.indices {
            try Cluster.wait("hub \(place) to know it") {
                try cluster.status(place).cluster?.hearsStore == false
            }
        }
        try cluster.publish(5)
        Thread.sleep(forTimeInterval: 1)
        #expect(try PostStatusQuery.ask(cluster.postSettings()).depth == 5)
        cluster.log.set(isAway: false)
        try cluster.waitStored(10)
        #expect(try offsets(client, through: 10) == Array(1...10))
        try cluster.stop()
    }
}
