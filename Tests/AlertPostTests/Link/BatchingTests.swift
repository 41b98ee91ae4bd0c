import Alerts
import Testing
import Wire

@testable import AlertPost

@Suite("How alerts are put into messages")
struct BatchingTests {
    static let links: [(batches: [UInt8]?, took: Int64, expected: IngestBatch.Coding?)] = [
        (nil, 1, nil), (nil, 500, nil), ([], 500, nil), ([7], 500, nil), ([0, 1], 1, .plain),
        ([0, 1], 49, .plain), ([0, 1], 50, .zstd), ([0, 1, 9], 5_000, .zstd), ([0], 500, .plain),
        ([1], 1, nil), ([1], 500, .zstd),
    ]

    @Test("a post batches as the hub says, and compresses where its answer took long", arguments: links)
    func coding(link: (batches: [UInt8]?, took: Int64, expected: IngestBatch.Coding?)) throws {
        var post = LinkFixture(waiting: 1...3)
        let hello = try #require(LinkFixture.hello(post.link.controlUp(post.now)))
        post.now += .milliseconds(link.took)
        guard case .welcome(var welcome) = post.welcome(hello.request, through: 0) else { return }
        welcome.batches = link.batches
        _ = post.reply(.welcome(welcome))
        #expect(post.link.batching == link.expected)
    }

    private static let topic = Topic(country: "kh", province: "koh-kong", kind: .suspect)

    /// Each alert's payload is its number.
    private func messages(_ sizes: [Int], _ coding: IngestBatch.Coding?) throws -> [(
        isBatch: Bool, alerts: [Int]
    )] {
        var outgoing = OutgoingAlerts(coding)
        for (number, size) in sizes.enumerated() {
            outgoing.add(
                BatchingTests.topic,
                SignedAlert(
                    header: [UInt8(number)], payload: [UInt8](repeating: 7, count: size), signature: [1]))
        }
        let taken = outgoing.take()
        let rest = outgoing.take()
        #expect(rest.isEmpty)
        return try taken.map { frames in
            guard IngestBatch.isBatch(frames) else { return (false, [Int(frames[1][0])]) }
            return (true, try IngestBatch.messages(in: frames).map { Int($0[1][0]) })
        }
    }

    @Test(
        "nothing is left out or changes its place, whatever the sizes",
        arguments: [nil, .plain, .zstd] as [IngestBatch.Coding?])
    func order(coding: IngestBatch.Coding?) throws {
        for sizes in [
            [], [10], [10, 20], [Int](repeating: 100, count: 64), [Int](repeating: 100, count: 65),
            [70_000, 10, 70_000], [10, 80_000, 10], [30_000, 30_000, 30_000, 30_000],
        ] {
            let sent = try messages(sizes, coding)
            #expect(sent.flatMap(\.alerts) == Array(sizes.indices), "\(sizes.count) alerts")
            if coding == nil { #expect(sent.allSatisfy { !$0.isBatch }) }
        }
    }

    @Test("as few messages as there can be; one alert alone is worth a batch only where it gets smaller")
    func few() throws {
        #expect(try messages([Int](repeating: 100, count: 130), .plain).map(\.alerts.count) == [64, 64, 2])
        #expect(try messages([Int](repeating: 100, count: 20), .zstd).map(\.alerts.count) == [8, 8, 4])
        #expect(try messages([100], .plain).map(\.isBatch) == [false])
        #expect(try messages([100], .zstd).map(\.isBatch) == [true])
        #expect(try messages([80_000], .zstd).map(\.isBatch) == [false], "too large for any batch")
    }
}
