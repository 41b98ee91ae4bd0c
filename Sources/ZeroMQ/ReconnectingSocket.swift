/// A connecting socket that is made anew when libzmq has given it up (``ConnectionWatchdog``). Used from one thread.
public final class ReconnectingSocket {
    /// The one of now. What is queued in one that is given up is gone with it.
    public private(set) var watched: MonitoredSocket
    private let make: () throws(ZeroMQError) -> MonitoredSocket
    private var watchdog: ConnectionWatchdog

    /// - now: steady. make: gives a new socket that connects.
    public init(
        at now: Duration, _ make: @escaping () throws(ZeroMQError) -> MonitoredSocket
    ) throws(ZeroMQError) {
        watched = try make()
        self.make = make
        watchdog = ConnectionWatchdog(at: now)
    }

    /// What has become of the connection; nil: nothing new.
    public func event(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> MonitoredSocket.Event? {
        guard let event = try watched.event(receiver) else { return nil }
        watchdog.note(event, at: now)
        return event
    }

    /// To be called at least every few seconds.
    /// - Returns: whether the socket is a new one.
    @discardableResult
    public func renew(at now: Duration) throws(ZeroMQError) -> Bool {
        guard watchdog.isGone(at: now) else { return false }
        try replace(at: now)
        return true
    }

    /// Makes it anew, whatever has become of it: where it is to connect has changed.
    public func replace(at now: Duration) throws(ZeroMQError) {
        watched = try make()
        watchdog = ConnectionWatchdog(at: now)
    }
}
