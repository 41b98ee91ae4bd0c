import Glibc
import Platform
import ProcessHarness
import Synchronization
import Wire
import ZeroMQ

/// A client on a feed and on control that notes when it was served last, on a thread of its own.
final class Eavesdropper: Sendable {
    /// Moments of ``steadyClock()``; nil: never.
    struct Heard: Sendable {
        var feed: Duration?
        var control: Duration?
    }

    /// Between two questions on control.
    private static let pause = Duration.milliseconds(10)

    private let inner = Mutex(Heard())
    private let isOver = Atomic(false)
    private let thread = Mutex<NamedThread?>(nil)

    init(_ hub: TestHub, feed: Int, _ security: Security) throws {
        try thread.withLock { thread in
            thread = try NamedThread("eavesdrop") { [self] in
                do { try listen(hub, feed, security) } catch { talk("eavesdropper: \(error)") }
            }
        }
    }

    var heard: Heard { inner.withLock { $0 } }

    func end() {
        isOver.store(true, ordering: .relaxed)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func listen(_ hub: TestHub, _ port: Int, _ security: Security) throws {
        let client = try Hostile(hub)
        let feed = try Socket(client.context, .subscribe, client.options(security))
        try feed.subscribe("")
        try feed.connect(client.endpoint(port))
        let control = try Socket(client.context, .dealer, client.options(security))
        try control.connect(client.endpoint(hub.controlPort))
        let receiver = Receiver(mostFrames: 8)
        var request: UInt64 = 0
        while !isOver.load(ordering: .relaxed) {
            request += 1
            let alive = Request.alive(Request.Alive(request: request, depth: 0, oldest: nil))
            _ = try control.send(alive.frames())
            sleep(Eavesdropper.pause)
            while let message = try receiver.receive(from: control) {
                if case .alive? = try? Reply(frames: message.frames) {
                    inner.withLock { $0.control = steadyClock() }
                }
            }
            while try receiver.receive(from: feed) != nil { inner.withLock { $0.feed = steadyClock() } }
        }
    }
}
