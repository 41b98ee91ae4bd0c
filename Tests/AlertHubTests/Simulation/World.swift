import Seeded
import Testing

/// Time, chance, and what happens next. Everything in a run is decided by the seed.
final class World {
    let seed: UInt64
    private(set) var now: Int64 = 0
    private(set) var problems: [String] = []
    /// While it is noisy things are lost, cut and broken; afterwards all must come right.
    var isNoisy = true
    private var random: SeededRandom
    private var events: [Event] = []
    private var count = 0

    private struct Event {
        var time: Int64
        var order: Int
        var run: () -> Void

        func isBefore(_ other: Event) -> Bool { (time, order) < (other.time, other.order) }
    }

    init(seed: UInt64) {
        self.seed = seed
        random = SeededRandom(seed: seed)
    }

    var steady: Duration { .milliseconds(now) }

    func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }

    func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(number(0...Int64(elements.count - 1)))]
    }

    /// One in so many; never once the noise has ended.
    func oneIn(_ many: Int64) -> Bool { isNoisy && number(1...many) == 1 }

    func fail(_ words: String) {
        if problems.count < 10 { problems.append("\(now) ms: \(words)") }
    }

    func after(_ wait: Int64, _ run: @escaping () -> Void) {
        count += 1
        events.append(Event(time: now + max(wait, 0), order: count, run: run))
        var child = events.count - 1
        while child > 0, events[child].isBefore(events[(child - 1) / 2]) {
            events.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Runs what is due up to a moment.
    func run(until end: Int64) {
        while let first = events.first, first.time <= end, problems.isEmpty {
            removeFirst()
            now = first.time
            first.run()
        }
        now = max(now, end)
    }

    private func removeFirst() {
        events.swapAt(0, events.count - 1)
        events.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [parent * 2 + 1, parent * 2 + 2]
            where child < events.count && events[child].isBefore(events[least]) {
                least = child
            }
            if least == parent { return }
            events.swapAt(parent, least)
            parent = least
        }
    }
}

/// One direction of one connection: what arrives, arrives in order; what is under way when it is cut, is lost.
final class Channel {
    private let world: World
    private var generation = 0
    private var last: Int64 = 0
    private(set) var isOpen = false
    /// One message in so many is lost though the connection stands.
    private let loss: Int64

    init(_ world: World, loss: Int64) {
        self.world = world
        self.loss = loss
    }

    func open() {
        isOpen = true
        last = world.now
    }

    func cut() {
        isOpen = false
        generation += 1
    }

    func send(_ deliver: @escaping () -> Void) {
        guard isOpen, !world.oneIn(loss) else { return }
        let delay = world.oneIn(50) ? world.number(0...4_000) : world.number(0...15)
        last = max(last, world.now + delay)
        let sent = generation
        world.after(last - world.now) { [weak self] in
            if self?.generation == sent { deliver() }
        }
    }
}
