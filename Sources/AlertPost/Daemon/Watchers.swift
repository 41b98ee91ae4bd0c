/// Programs on this machine that are told of each answer. A value, bounded: each program once, however often it asks.
struct Watchers: Sendable, Equatable {
    /// Programs told at once; a further one is not, and looks by itself from time to time.
    static let most = 1_000

    /// Their routing ids on the local socket.
    private(set) var peers: Set<[UInt8]> = []

    /// - Returns: false when there are ``most`` already.
    mutating func add(_ peer: [UInt8]) -> Bool {
        guard peers.count < Watchers.most else { return peers.contains(peer) }
        peers.insert(peer)
        return true
    }

    /// Forgets one that is gone.
    mutating func remove(_ peer: [UInt8]) { peers.remove(peer) }
}
