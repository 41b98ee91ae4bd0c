import Testing
import Wire

@testable import AlertHub

/// A DEALER's connection to the hub's control socket: comes back by itself; what is asked while it is away waits.
final class ControlConnection {
    static let queue = 100

    let user: String
    private let world: World
    private let hub: HubNode
    private var isClosed = false
    private let up: Channel
    private let down: Channel
    private var waiting: [[[UInt8]]] = []
    private var peer: [UInt8] = []
    var onUp: () -> Void = {}
    var onDown: () -> Void = {}
    var onReply: (Reply) -> Void = { _ in }
    /// A connection could not be made.
    var onRetry: () -> Void = {}

    init(_ world: World, _ hub: HubNode, user: String) {
        self.world = world
        self.hub = hub
        self.user = user
        up = Channel(world, loss: 400)
        down = Channel(world, loss: 25)
        hub.connections.append(self)
        connect()
    }

    func ask(_ request: Request) {
        guard up.isOpen else {
            if waiting.count < ControlConnection.queue { waiting.append(request.frames()) }
            return
        }
        send(request.frames())
    }

    func reply(_ frames: [[UInt8]], to peer: [UInt8]) {
        guard peer == self.peer else { return }
        down.send { [weak self] in
            guard let self else { return }
            do { onReply(try Reply(frames: frames)) } catch { world.fail("a reply: \(error)") }
        }
    }

    func isOpen(for peer: [UInt8]) -> Bool { up.isOpen && peer == self.peer }

    func cut() {
        guard up.isOpen else { return }
        up.cut()
        down.cut()
        world.after(world.number(0...50)) { [weak self] in self?.onDown() }
        world.after(world.number(60...600)) { [weak self] in self?.connect() }
    }

    /// For good, and nothing more comes of it.
    func close() {
        isClosed = true
        (onUp, onDown, onReply) = ({}, {}, { _ in })
        up.cut()
        down.cut()
        hub.connections.removeAll { $0 === self }
    }

    private func send(_ frames: [[UInt8]]) {
        let (peer, user) = (peer, user)
        up.send { [hub] in hub.controlArrived(frames, from: peer, user: user) }
    }

    private func connect() {
        guard !isClosed else { return }
        guard hub.isRunning else {
            onRetry()
            return world.after(world.number(50...300)) { [weak self] in self?.connect() }
        }
        peer = hub.newPeer()
        up.open()
        down.open()
        for frames in waiting { send(frames) }
        waiting = []
        world.after(0) { [weak self] in self?.onUp() }
    }
}

/// The connection of a post's XPUB to ingest, or of a reader's SUB to a feed.
final class DataConnection {
    private let world: World
    private let hub: HubNode
    let channel: Channel
    private var isWanted = false
    var onChange: (Bool) -> Void = { _ in }

    init(_ world: World, _ hub: HubNode, loss: Int64) {
        self.world = world
        self.hub = hub
        channel = Channel(world, loss: loss)
        hub.dataConnections.append(self)
    }

    func want() {
        guard !isWanted else { return }
        isWanted = true
        connect()
    }

    func unwant() {
        isWanted = false
        channel.cut()
    }

    /// For good.
    func close() {
        unwant()
        onChange = { _ in }
        hub.dataConnections.removeAll { $0 === self }
        hub.feedReaders.removeAll { $0.connection === self }
    }

    func cut() {
        guard channel.isOpen else { return }
        channel.cut()
        world.after(0) { [weak self] in self?.onChange(false) }
        world.after(world.number(60...600)) { [weak self] in self?.connect() }
    }

    private func connect() {
        guard isWanted, !channel.isOpen else { return }
        guard hub.isRunning else {
            return world.after(world.number(50...300)) { [weak self] in self?.connect() }
        }
        channel.open()
        world.after(world.number(0...5)) { [weak self] in
            if self?.channel.isOpen == true { self?.onChange(true) }
        }
    }
}
