internal import Synchronization

/// Whether this hub writes the log, for the threads beside the loop, which shares it each turn: what is done once for all hubs is
/// done by the one that writes.
final class SharedRole: Sendable {
    private let writes: Atomic<Bool>
    private let began: @Sendable () -> Void

    /// - began: called when the hub begins to write.
    init(_ role: Role, began: @escaping @Sendable () -> Void = {}) {
        writes = Atomic(role == .writing)
        self.began = began
    }

    func share(_ role: Role) {
        let writes = role == .writing
        if !self.writes.exchange(writes, ordering: .relaxed), writes { began() }
    }

    var isWriting: Bool { writes.load(ordering: .relaxed) }
}
