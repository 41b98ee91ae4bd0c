internal import ZeroMQ

/// What becomes of a socket's tries to connect. A value: what its watch tells in, what went wrong out.
struct Attempt: Sendable {
    enum Trouble: Sendable, Equatable {
        /// No connection was made.
        case connecting
        /// One was made, and ended before the handshake did.
        case handshake
        /// Nothing has come of the try for a while.
        case silence
        /// The other side does not know our key.
        case key
    }

    /// Whether a handshake has succeeded, and the connection not ended since.
    private(set) var isUp = false
    private var isConnected = false
    /// After a connection that ended libzmq says that it will try again, in the words of a try that failed (measured).
    private var isPausing = false

    mutating func note(_ event: MonitoredSocket.Event) -> Trouble? {
        switch event {
        case .connected:
            isConnected = true
            isPausing = false
            return nil
        case .handshakeSucceeded:
            isUp = true
            return nil
        case .refused:
            end()
            return .key
        case .handshakeFailed, .disconnected:
            let isTrouble = isConnected && !isUp
            end()
            return isTrouble ? .handshake : nil
        case .retrying:
            defer { isPausing = false }
            return isPausing ? nil : .connecting
        }
    }

    private mutating func end() {
        isUp = false
        isConnected = false
        isPausing = true
    }
}
