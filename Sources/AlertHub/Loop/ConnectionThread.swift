internal import Platform
internal import Synchronization

/// The running hub's guard of its descriptors: a thread that looks at them and cuts what ``ConnectionPolicy`` says. Not the
/// loop's work, since a stranger decides how much of it there is; and by what the kernel says of each connection, since
/// libzmq 4.3.4 names no connection whose handshake is under way.
final class ConnectionThread: Sendable {
    /// Between two looks, and between two while many connections come.
    static let pause = Duration.milliseconds(100)
    static let pressedPause = Duration.milliseconds(10)
    /// Bytes that a connection is sent before it is let in, at most: a greeting of 64 and a WELCOME of 170, or with 12 more a
    /// refusal; a READY has at least 51 (RFC 23 and 26; measured). So whoever has acknowledged more is let in.
    static let beforeReady: UInt64 = 260
    private static let greeting: UInt64 = 64
    private static let welcome: UInt64 = 234

    private struct State {
        var isStopping = false
        var ports: Set<Int> = []
        var use = DescriptorUse()
        var isShort = false
    }

    private let state = Mutex(State())
    private let wake: Wake

    init() throws(PlatformError) {
        wake = try Wake()
    }

    var use: DescriptorUse { state.withLock { $0.use } }
    /// Whether nobody else can be let in.
    var isShort: Bool { state.withLock { $0.isShort } }

    /// Where the hub listens from now on: who came to other ports of the process is not its own.
    func watch(_ ports: Set<Int>) { state.withLock { $0.ports = ports } }

    func stop() {
        state.withLock { $0.isStopping = true }
        wake.signal()
    }

    /// The thread's whole life.
    func run(_ log: Log<HubEvent>) {
        var scan = SocketScan()
        var policy = ConnectionPolicy()
        while !state.withLock({ $0.isStopping }) {
            let isPressed = look(&scan, &policy, log)
            wake.wait(atMost: isPressed ? ConnectionThread.pressedPause : ConnectionThread.pause)
        }
    }

    /// - Returns: whether to look again soon.
    private func look(
        _ scan: inout SocketScan, _ policy: inout ConnectionPolicy, _ log: Log<HubEvent>
    ) -> Bool {
        let limit = SocketScan.limit()
        let ports = state.withLock { $0.ports }
        let connections = scan.look(settled: ConnectionThread.beforeReady).filter {
            ports.contains($0.localPort)
        }
        let peers = connections.map {
            ConnectionPolicy.Peer(
                id: $0.tcp.cookie, address: $0.address, stage: ConnectionThread.stage($0.tcp))
        }
        let verdict = policy.look(peers, used: scan.used, limit: limit, at: steadyClock())
        let cut = Set(verdict.cut)
        for connection in connections where cut.contains(connection.tcp.cookie) {
            connection.tcp.cut(resets: true)
        }
        state.withLock { state in
            state.isShort = verdict.isShort
            state.use = DescriptorUse(
                used: scan.used, limit: limit, reserve: ConnectionPolicy.reserve(of: limit),
                waiting: peers.count { $0.stage != .admitted }, cut: state.use.cut + UInt64(cut.count))
        }
        for notice in verdict.notices { log(notice) }
        return verdict.isPressed
    }

    private static func stage(_ connection: TCPConnection) -> ConnectionPolicy.Stage {
        if connection.acknowledged > beforeReady { return .admitted }
        if connection.acknowledged >= welcome { return .answered }
        return connection.received >= greeting ? .greeted : .silent
    }
}
