internal import CZeroMQ
internal import Platform

/// What a loop waits for: a socket or a plain descriptor becoming readable. Level-triggered (zmq_poll(3)).
public struct PollItem {
    var raw: zmq_pollitem_t

    public init(_ socket: borrowing Socket) {
        raw = zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
    }

    public init(descriptor: Int32) {
        raw = zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0)
    }

    /// Ready when the other end has gone: of a pipe its reader, of a terminal the connection. Never of a file.
    public init(endOf descriptor: Int32) {
        // poll(2) tells of errors and hang-ups unasked.
        raw = zmq_pollitem_t(socket: nil, fd: descriptor, events: 0, revents: 0)
    }

    /// Whether the last ``poll(_:timeout:)`` found something to read, or an error that reading will tell.
    public var isReady: Bool { raw.revents != 0 }
}

/// Waits until an item is ready, the time is over or a signal came; nil waits for ever.
///
/// - Returns: how many items are ready; 0 also when a signal interrupted the wait.
@available(*, noasync)
@inline(never)  // its own name in profiles: time spent here is time spent idle
public func poll(_ items: inout [PollItem], timeout: Duration?) throws(ZeroMQError) -> Int {
    var raw = items.map(\.raw)
    let found = zmq_poll(&raw, Int32(raw.count), timeout.map { Int($0.wholeMilliseconds) } ?? -1)
    for index in raw.indices { items[index].raw.revents = raw[index].revents }
    guard found >= 0 else {
        if zmq_errno() == EINTR {
            for index in items.indices { items[index].raw.revents = 0 }
            return 0
        }
        throw .last("zmq_poll")
    }
    return Int(found)
}
