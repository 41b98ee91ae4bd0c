/// Whether a watched socket's connection still leads somewhere. A value: events and times in.
///
/// libzmq connects again after a connection that broke, but not after one that ended by the protocol: a refused key, an
/// answer that is no ZMTP, a damaged frame (4.3.4, session_base.cpp, "protocol_error"; measured). Such a socket takes
/// messages or says "would block" for ever, and only a new one connects. While libzmq tries, it says so at least every
/// ``SocketOptions/reconnectLongest`` and ``SocketOptions/connecting``, and a handshake ends within
/// ``SocketOptions/handshake``.
public struct ConnectionWatchdog: Sendable {
    /// Down and without any event for this long, a socket is given up.
    public static let silence = Duration.seconds(15)

    /// Whether a handshake has succeeded, and the connection not ended since.
    public private(set) var isUp = false
    private var heard: Duration

    /// - now: steady; the socket's first connect.
    public init(at now: Duration) { heard = now }

    public mutating func note(_ event: MonitoredSocket.Event, at now: Duration) {
        heard = now
        switch event {
        case .handshakeSucceeded: isUp = true
        case .refused, .handshakeFailed, .disconnected, .retrying: isUp = false
        case .connected: break
        }
    }

    /// Whether the socket has to be made anew.
    public func isGone(at now: Duration) -> Bool { !isUp && now - heard >= ConnectionWatchdog.silence }
}
