internal import Platform
internal import Synchronization
internal import ZeroMQ

/// Looks at what the kernel counts of each connection, on a thread of its own: libzmq takes subscriptions in on the loop's
/// thread, which stands still as long as they come.
final class ConnectionWatch: Sendable {
    /// Between two looks.
    static let pause = Duration.milliseconds(20)

    private struct State: Sendable {
        var peers: PeerConnections
        var breaches: [PeerConnections.Breach] = []
        var isStopping = false
    }

    private let state: Mutex<State>
    private let work: Wake

    init(_ limits: HubLimits) throws(PlatformError) {
        state = Mutex(State(peers: PeerConnections(limits)))
        work = try Wake()
    }

    /// The thread's whole life.
    func run() {
        while !state.withLock({ $0.isStopping }) {
            look { $0.descriptors }
            work.wait(atMost: ConnectionWatch.pause)
        }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        work.signal()
    }

    // MARK: For the loop

    func follow(_ limits: HubLimits) { state.withLock { $0.peers.follow(limits) } }

    /// libzmq has accepted a connection to a socket.
    func accepted(_ descriptor: Int32, domain: String) {
        guard let connection = TCPConnection(descriptor: descriptor),
            let address = TCPConnection.address(of: descriptor)
        else { return }
        let now = steadyClock()
        state.withLock {
            $0.peers.accepted(connection, domain: domain, address: peerAddress(address), at: now)
        }
    }

    /// Whether a handshake may be let in now.
    func ask(_ account: String, _ handshake: Handshake) -> PeerConnections.Verdict {
        let now = steadyClock()
        return state.withLock {
            $0.peers.ask(account, domain: handshake.domain, address: handshake.address, at: now)
        }
    }

    /// Looks at the connections that somebody is expected on.
    func name() { look { $0.unnamed } }

    func took(from descriptor: Int32, route: [UInt8]? = nil, account: String? = nil) {
        let now = steadyClock()
        state.withLock { $0.peers.took(from: descriptor, route: route, account: account, at: now) }
    }

    /// Whether an answer may be sent; then it counts.
    func send(_ frames: [[UInt8]], to route: [UInt8]) -> Bool {
        let bytes = frames.reduce(0) { $0 + $1.count }
        return state.withLock { $0.peers.send(bytes, to: route) }
    }

    /// It was not sent after all.
    func unsend(_ frames: [[UInt8]], to route: [UInt8]) {
        let bytes = frames.reduce(0) { $0 + $1.count }
        state.withLock { $0.peers.unsend(bytes, to: route) }
    }

    /// Who asks by this route; nil when that is not known.
    func account(of route: [UInt8]) -> String? { state.withLock { $0.peers.account(of: route) } }

    func isBehind(_ account: String) -> Bool { state.withLock { $0.peers.isBehind(account) } }

    func takeBreaches() -> [PeerConnections.Breach] {
        state.withLock { state in
            defer { state.breaches = [] }
            return state.breaches
        }
    }

    func usage() -> [String: [Budgets.Resource: Int64]] {
        let now = steadyClock()
        return state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: state.peers.accounts.map { ($0, state.peers.used(by: $0, at: now)) })
        }
    }

    private func look(_ which: (PeerConnections) -> [Int32]) {
        let facts = state.withLock { which($0.peers) }.map { ($0, TCPConnection(descriptor: $0)) }
        guard !facts.isEmpty else { return }
        let now = steadyClock()
        let breaches = state.withLock { state in
            let breaches = state.peers.look(facts, at: now)
            state.breaches += breaches
            return breaches
        }
        for breach in breaches { breach.connection.cut() }
    }
}
