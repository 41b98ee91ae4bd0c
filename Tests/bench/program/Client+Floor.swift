import Alerts
import Foundation
import Platform
import Synchronization
import Wire
import ZeroMQ

extension Client {
    /// The latency test with ``Floor`` in the hub's place.
    func floor(_ context: Context) throws -> [Figure] {
        let floor = try Floor(directory: directory)
        let serving = try thread("floor") { try floor.serve() }
        let samples = Samples()
        let isOver = Atomic<Bool>(false)
        let analyst = try Context()
        defer { analyst.terminate() }
        let reading = try thread("reader") {
            let feed = try floor.feed(analyst, BenchAlert.topics[0])
            let receiver = Receiver(mostFrames: 8)
            var items = [PollItem(feed.socket)]
            while !isOver.load(ordering: .relaxed) {
                _ = try poll(&items, timeout: .milliseconds(100))
                while let message = try receiver.receive(from: feed.socket) {
                    samples.add(nanoseconds() &- BenchAlert.time(of: message.frames[1]))
                }
            }
        }
        let ingest = try floor.ingest(context)
        var alerts = (0..<3).map { BenchAlert(post: Preparation.posts[0], topic: $0, seed: 1) }
        var sequence: UInt64 = 0
        func send(topic: Int) throws {
            sequence += 1
            alerts[topic].stamp(nanoseconds())
            let header = PostHeader(
                post: Preparation.posts[0], epoch: 1, sequence: sequence,
                queued: Timestamp(milliseconds: wallClockMilliseconds()), facts: alerts[topic].facts
            ).encoded()
            let payload = alerts[topic].bytes
            _ = try ingest.socket.send(
                IngestMessage.frames(
                    topic: alerts[topic].topic,
                    SignedAlert(header: header, payload: payload, signature: floor.seal(header, payload))))
        }
        // Until the reader's subscription is there.
        while samples.count == 0 {
            try send(topic: 0)
            Thread.sleep(forTimeInterval: 0.01)
        }
        let already = samples.count
        let before = Accounting(server: 0)
        let limit = Client.rate * UInt64(seconds + 1)
        let start = nanoseconds()
        for number in 0..<limit {
            let due = start + number * (1_000_000_000 / Client.rate)
            let now = nanoseconds()
            if now < due {
                var time = timespec(tv_sec: 0, tv_nsec: Int(due - now))
                nanosleep(&time, nil)
            }
            try send(topic: number % 5 == 4 ? 2 : 0)
        }
        let after = Accounting(server: 0)
        Thread.sleep(forTimeInterval: 0.1)
        isOver.store(true, ordering: .relaxed)
        floor.stop()
        reading.join()
        serving.join()
        return samples.figures(
            "floor", of: already + Int(limit - limit / 5), dropping: already + Int(Client.rate * 4 / 5),
            note: "no hub: CURVE, one check, one flush, CURVE; \(before.note(until: after))")
    }
}
