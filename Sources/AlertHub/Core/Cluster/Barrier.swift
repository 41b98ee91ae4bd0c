internal import Wire

/// A hello that waits.
struct Greeting: Sendable {
    var hello: Request.Hello
    var peer: [UInt8]
    /// The key that it came with.
    var user: String
    var address: String
}

/// Who says hello is welcomed once this hub has followed the log to where the store had it after the hello had come. A reader that
/// comes from another hub would else be told of a log that ends before what it has, and take it for one that lost alerts.
struct Barrier: Sendable {
    /// - look: the last one that had begun when the hello came: only a later one counts.
    private var unknown: [(greeting: Greeting, look: UInt64)] = []
    private var known: [(greeting: Greeting, head: UInt64)] = []

    mutating func add(_ greetings: [Greeting], after look: UInt64) {
        unknown += greetings.map { ($0, look) }
    }

    var isEmpty: Bool { unknown.isEmpty && known.isEmpty }
    /// Whether a further look is needed.
    var needsLook: Bool { !unknown.isEmpty }

    mutating func observed(_ look: UInt64, head: UInt64) {
        known += unknown.filter { $0.look < look }.map { ($0.greeting, head) }
        unknown.removeAll { $0.look < look }
    }

    /// Those that can be welcomed by a hub that knows the log up to this offset, in the order in which they came.
    mutating func passed(through offset: UInt64) -> [Greeting] {
        guard !known.isEmpty else { return [] }
        defer { known.removeAll { $0.head <= offset } }
        return known.filter { $0.head <= offset }.map(\.greeting)
    }

    mutating func takeAll() -> [Greeting] {
        defer { (known, unknown) = ([], []) }
        return known.map(\.greeting) + unknown.map(\.greeting)
    }
}
