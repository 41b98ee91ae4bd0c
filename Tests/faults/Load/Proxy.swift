import Glibc
import Platform
import ProcessHarness
import Synchronization

/// Stands between the hub and everyone else, at an address of its own with the hub's ports, and does to the bytes what bad
/// networks do. A thread of its own; its settings from any thread.
final class Proxy: Sendable {
    /// What is done to what passes.
    enum NetworkCondition: Sendable, Equatable {
        case fair
        /// Connections stay open, and nothing passes: not even their end.
        case halfOpen
        /// What comes waits this long first.
        case delayed(Duration)
        /// Bytes a second, of each connection and direction.
        case slow(Int)
    }

    private struct State {
        var condition = NetworkCondition.fair
        /// Ends every connection after so many more bytes, in the middle of whatever it is.
        var cutAfter: Int?
        /// Changes a bit of what each connection carries next, in both directions.
        var isDamaging = false
        var isLosing = false
        var lost = 0
        var isOver = false
    }

    private static let chunk = 16_384

    let address: String
    private let state = Mutex(State())
    private let thread = Mutex<NamedThread?>(nil)

    /// - target: the hub's address. ports: those that are passed on. mark: for ``loseAnswer()``.
    init(_ address: String, to target: String, ports: ClosedRange<Int>, mark: String = "") throws {
        self.address = address
        let doors = try ports.map { port in
            guard let socket = listeningSocket(address, port) else {
                throw PlatformError(operation: "listen", object: "\(address):\(port)", code: errno)
            }
            return Door(socket: socket, port: port)
        }
        try thread.withLock { thread in
            thread = try NamedThread("proxy") { [self] in
                var loop = ProxyLoop(doors: doors, target: target, mark: mark)
                while let order = orders() {
                    if order.isLosing { loop.loseAnswer() }
                    loop.turn(order.condition, order.cutAfter, order.isDamaging)
                    if loop.takeLost() { state.withLock { $0.lost += 1 } }
                }
                loop.close()
            }
        }
    }

    func set(_ condition: NetworkCondition) { state.withLock { $0.condition = condition } }

    func cut(after bytes: Int) { state.withLock { $0.cutAfter = bytes } }

    func damage() { state.withLock { $0.isDamaging = true } }

    func end() {
        state.withLock { $0.isOver = true }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// Swallows the answer to the next thing that is said on a connection on which the mark was said before, and ends it.
    func loseAnswer() { state.withLock { $0.isLosing = true } }

    /// Answers swallowed so far.
    var lost: Int { state.withLock { $0.lost } }

    private struct Orders {
        var condition: NetworkCondition
        var cutAfter: Int?
        var isDamaging: Bool
        var isLosing: Bool
    }

    private func orders() -> Orders? {
        state.withLock { state in
            defer { (state.cutAfter, state.isDamaging, state.isLosing) = (nil, false, false) }
            guard !state.isOver else { return nil }
            return Orders(
                condition: state.condition, cutAfter: state.cutAfter, isDamaging: state.isDamaging,
                isLosing: state.isLosing)
        }
    }
}

struct Door {
    var socket: Int32
    var port: Int
}

func listeningSocket(_ address: String, _ port: Int) -> Int32? {
    let descriptor = tcpSocket()
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard withAddress(address, port, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 64) == 0 else {
        return nil
    }
    return descriptor
}

/// Never waits; closes on exec.
func tcpSocket() -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
}

func withAddress(_ address: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32)
    -> Int32
{
    var inner = sockaddr_in()
    inner.sin_family = sa_family_t(AF_INET)
    inner.sin_port = UInt16(clamping: port).bigEndian
    inet_pton(AF_INET, address, &inner.sin_addr)
    return withUnsafePointer(to: &inner) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
