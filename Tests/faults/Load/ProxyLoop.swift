import Glibc
import Platform

/// The proxy's thread: takes connections and moves bytes.
struct ProxyLoop {
    private static let chunk = 16_384
    /// Bytes kept for a side that does not take them; until then the other side is not read.
    private static let most = 65_536
    /// Between two looks, in milliseconds: delays and rates are kept as exactly as this.
    private static let pause: Int32 = 5

    /// One direction of a connection.
    private struct Stream {
        var from: Int32
        var to: Int32
        var waiting: [(due: Duration, bytes: ArraySlice<UInt8>)] = []
        var count = 0
        var allowance = 0.0
        /// A bit of what comes next is changed.
        var isDamaging = false
    }

    private struct Pair {
        var streams: [Stream]
        /// Bytes until it is cut; nil: never.
        var left: Int?
        /// The mark was said on it.
        var isMarked = false
        /// Something has been said since the next answer is to be lost.
        var isAsked = false
        var isOver = false
    }

    private let doors: [Door]
    private let target: String
    private let mark: [UInt8]
    /// Whether the next answer on a marked connection is to be lost; whether one was.
    private var isLosing = false
    private var hasLost = false
    private var pairs: [Pair] = []
    private var last = steadyClock()

    init(doors: [Door], target: String, mark: String) {
        self.doors = doors
        self.target = target
        self.mark = Array(mark.utf8)
    }

    mutating func loseAnswer() {
        isLosing = true
        for index in pairs.indices { pairs[index].isAsked = false }
    }

    mutating func takeLost() -> Bool {
        defer { hasLost = false }
        return hasLost
    }

    /// - Returns: whether this answer is lost.
    private mutating func loses(_ index: Int, _ side: Int, _ bytes: ArraySlice<UInt8>) -> Bool {
        guard !mark.isEmpty else { return false }
        if side == 0 {
            if !pairs[index].isMarked { pairs[index].isMarked = bytes.firstRange(of: mark) != nil }
            pairs[index].isAsked = true
            return false
        }
        guard isLosing, pairs[index].isMarked, pairs[index].isAsked else { return false }
        (isLosing, hasLost, pairs[index].isOver) = (false, true, true)
        return true
    }

    mutating func turn(_ condition: Proxy.NetworkCondition, _ cutAfter: Int?, _ isDamaging: Bool) {
        if isDamaging {
            for index in pairs.indices {
                for side in 0..<2 { pairs[index].streams[side].isDamaging = true }
            }
        }
        if let cutAfter { for index in pairs.indices { pairs[index].left = cutAfter } }
        var items = doors.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
        if condition == .fair {
            for pair in pairs {
                for stream in pair.streams where stream.count < ProxyLoop.most {
                    items.append(pollfd(fd: stream.from, events: Int16(POLLIN), revents: 0))
                }
            }
        }
        _ = poll(&items, nfds_t(items.count), ProxyLoop.pause)
        let now = steadyClock()
        for (door, item) in zip(doors, items) where item.revents != 0 { accept(door) }
        for index in pairs.indices { move(index, condition, now) }
        for pair in pairs where pair.isOver { pair.streams.map(\.from).forEach { _ = Glibc.close($0) } }
        pairs.removeAll(where: \.isOver)
        last = now
    }

    func close() {
        for door in doors { _ = Glibc.close(door.socket) }
        for pair in pairs { pair.streams.map(\.from).forEach { _ = Glibc.close($0) } }
    }

    private mutating func accept(_ door: Door) {
        let inner = Glibc.accept(door.socket, nil, nil)
        guard inner >= 0 else { return }
        _ = fcntl(inner, F_SETFD, FD_CLOEXEC)
        _ = fcntl(inner, F_SETFL, O_NONBLOCK)
        let outer = tcpSocket()
        guard withAddress(target, door.port, { connect(outer, $0, $1) }) == 0 || errno == EINPROGRESS else {
            _ = Glibc.close(inner)
            _ = Glibc.close(outer)
            return
        }
        pairs.append(Pair(streams: [Stream(from: inner, to: outer), Stream(from: outer, to: inner)]))
    }

    private mutating func move(_ index: Int, _ condition: Proxy.NetworkCondition, _ now: Duration) {
        if condition == .halfOpen { return }
        for side in 0..<2 {
            take(index, side, condition, now)
            give(index, side, condition, now)
        }
    }

    private mutating func take(
        _ index: Int, _ side: Int, _ condition: Proxy.NetworkCondition, _ now: Duration
    ) {
        guard pairs[index].streams[side].count < ProxyLoop.most else { return }
        var buffer = [UInt8](repeating: 0, count: ProxyLoop.chunk)
        let count = recv(pairs[index].streams[side].from, &buffer, buffer.count, 0)
        if count > 0 {
            if pairs[index].streams[side].isDamaging {
                pairs[index].streams[side].isDamaging = false
                buffer[count / 2] ^= 1
            }
            if loses(index, side, buffer[..<count]) { return }
            var delay = Duration.zero
            if case .delayed(let time) = condition { delay = time }
            pairs[index].streams[side].waiting.append((now + delay, buffer[..<count]))
            pairs[index].streams[side].count += count
        } else if count == 0 || (errno != EAGAIN && errno != EINTR && errno != ENOTCONN) {
            // What is under way goes with it, as when a link fails.
            pairs[index].isOver = true
        }
    }

    private mutating func give(
        _ index: Int, _ side: Int, _ condition: Proxy.NetworkCondition, _ now: Duration
    ) {
        var stream = pairs[index].streams[side]
        defer { pairs[index].streams[side] = stream }
        if case .slow(let rate) = condition {
            stream.allowance = min(
                Double(rate), stream.allowance + Double(rate) * ((now - last) / .seconds(1)))
        } else {
            stream.allowance = Double(ProxyLoop.most)
        }
        while let first = stream.waiting.first, first.due <= now, stream.allowance >= 1, !pairs[index].isOver
        {
            var most = min(first.bytes.count, Int(stream.allowance))
            if let left = pairs[index].left {
                most = min(most, left)
                if most == 0 { pairs[index].isOver = true }
            }
            guard most > 0 else { return }
            let count = first.bytes.withUnsafeBytes {
                send(stream.to, $0.baseAddress, most, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if count < 0, errno != EAGAIN, errno != EINTR, errno != ENOTCONN {
                    pairs[index].isOver = true
                }
                return
            }
            stream.count -= count
            stream.allowance -= Double(count)
            pairs[index].left = pairs[index].left.map { $0 - count }
            if count == first.bytes.count {
                stream.waiting.removeFirst()
            } else {
                stream.waiting[0].bytes = first.bytes.dropFirst(count)
            }
        }
    }
}
