public import AlertStore
import Platform
import Synchronization

/// Several hubs over one log in memory: the same compare and swap as a database's, and what can go wrong with one.
extension MemoryLog: SharedLog {
    public func lease(of hub: String) throws(StoreError) -> any LogLease { try MemoryLease(self, hub) }
    public func follower() -> any LogFollower { MemoryFollower(self) }
    public func registry() -> any RegistryLog { MemoryRegistry(self) }
    public func pages() -> any PageLog { MemoryPages(self) }

    public func writer(of term: UInt64) throws(StoreError) -> any AlertWriter {
        try expectThere("open")
        let store = MemoryStore(self)
        guard store.term == term else {
            throw StoreError(
                operation: "open", path: location, cause: .leaseLost, detail: "the term is \(store.term)")
        }
        return store
    }

    /// Makes the next commit store its batch and throw that nobody knows whether it has.
    public func loseNextAnswer() { state.withLock { $0.isAnswerLost = true } }

    /// Nobody reaches the log, or everybody again. All sessions are over with that.
    public func set(isAway: Bool) {
        state.withLock { state in
            state.isAway = isAway
            if isAway { for name in state.sessions.keys { state.sessions[name]?.isAlive = false } }
        }
    }

    /// The registry can't be read, or can again; all else can.
    public func set(isRegistryUnreadable: Bool) {
        state.withLock { $0.isRegistryUnreadable = isRegistryUnreadable }
    }

    func expectThere(_ operation: String) throws(StoreError) {
        guard state.withLock({ $0.isAway }) else { return }
        throw StoreError(
            operation: operation, path: location, cause: .unreachable, detail: "it does not answer")
    }
}

extension MemoryLog.State {
    /// A hub's session.
    struct Session {
        var seen: UInt64 = 0
        var registry: UInt64 = 0
        var isAlive = true
    }
}

public final class MemoryLease: LogLease {
    private let log: MemoryLog
    private let hub: String

    init(_ log: MemoryLog, _ hub: String) throws(StoreError) {
        self.log = log
        self.hub = hub
        try log.expectThere("open")
        let isTaken = log.state.withLock { state in
            if state.sessions[hub]?.isAlive ?? false { return true }
            state.sessions[hub, default: .init()].isAlive = true
            return false
        }
        if isTaken {
            throw StoreError(
                operation: "open", path: log.location, cause: .locked, detail: "another hub is named \(hub)")
        }
    }

    public func registry() throws(StoreError) -> RegistryVersion? {
        guard !log.state.withLock({ $0.isRegistryUnreadable }) else {
            throw StoreError(
                operation: "read", path: log.location, cause: .unreachable, detail: "it does not answer")
        }
        return try MemoryRegistry(log).newest()
    }

    public func observe(registry: UInt64) throws(StoreError) -> LeaseView {
        try log.expectThere("observe")
        return log.state.withLock { state in
            state.sessions[hub, default: .init()].seen += 1
            state.sessions[hub]?.registry = registry
            state.sessions[hub]?.isAlive = true
            let holder = state.sessions[state.holder]
            return LeaseView(
                term: state.term, holder: state.holder, head: state.tail.offset, hash: state.tail.hash,
                holderSeen: holder?.seen ?? 0, isFree: !(holder?.isAlive ?? false),
                registry: UInt64(state.registry.count))
        }
    }

    public func take(after term: UInt64) throws(StoreError) -> Bool {
        try log.expectThere("take")
        return log.state.withLock { state in
            guard state.term == term else { return false }
            state.term += 1
            state.holder = hub
            return true
        }
    }

    public func handOver(_ receipts: [Receipt]) throws(StoreError) {
        try log.expectThere("hand over")
        log.state.withLock { state in
            for receipt in receipts {
                state.lastHanded += 1
                state.handed.append(HandedReceipt(number: state.lastHanded, receipt: receipt))
            }
        }
    }

    public func handedOver(after number: UInt64, limit: Int) throws(StoreError) -> [HandedReceipt] {
        try log.expectThere("read")
        return log.state.withLock { Array($0.handed.filter { $0.number > number }.prefix(max(limit, 0))) }
    }

    public func removeHandedOver(through number: UInt64) throws(StoreError) {
        try log.expectThere("remove")
        log.state.withLock { $0.handed.removeAll { $0.number <= number } }
    }

    public func resign() throws(StoreError) {
        try log.expectThere("resign")
        log.state.withLock { if $0.holder == hub { $0.holder = "" } }
    }

    /// The connection ends, as it does when the hub is killed.
    public func close() { log.state.withLock { $0.sessions[hub]?.isAlive = false } }
}

public final class MemoryFollower: LogFollower {
    private let log: MemoryLog
    private var read: UInt64 = 0

    public init(_ log: MemoryLog) { self.log = log }

    public func state() throws(StoreError) -> LogState {
        try log.expectThere("read")
        return log.state.withLock { $0.tail.state(log: $0.log) }
    }

    public func records(after offset: UInt64, limit: Int) throws(StoreError) -> FollowedRecords {
        try log.expectThere("read")
        read = offset
        return log.state.withLock { state in
            let records = Array(state.records.dropFirst(Int(clamping: offset)).prefix(max(limit, 1)))
            let new = records.flatMap(\.deliveries).filter { $0.sequence == 1 }
            let posts = Set(records.map(\.post))
            return FollowedRecords(
                records: records,
                newTopics: new.compactMap { delivery in
                    state.tail.topics[delivery.topic].map {
                        TopicHead(number: delivery.topic, topic: $0, sequence: 1)
                    }
                },
                positions: state.tail.streams.filter { posts.contains($0.key.post) }.map { stream, through in
                    Position(post: stream.post, epoch: stream.epoch, through: through)
                })
        }
    }

    public func wait(_ longest: Duration) throws(StoreError) {
        let end = steadyClock() + longest
        while steadyClock() < end, log.state.withLock({ $0.tail.offset <= read && !$0.isAway }) {
            sleep(.milliseconds(1))
        }
    }

    public func close() {}
}

public final class MemoryRegistry: RegistryLog {
    private let log: MemoryLog

    init(_ log: MemoryLog) { self.log = log }

    public func newest() throws(StoreError) -> RegistryVersion? {
        try log.expectThere("read")
        return log.state.withLock { $0.registry.last }
    }

    public func newestNumber() throws(StoreError) -> UInt64 { try newest()?.number ?? 0 }

    public func history(limit: Int) throws(StoreError) -> [RegistryVersion] {
        try log.expectThere("read")
        return log.state.withLock { state in
            state.registry.suffix(max(limit, 0)).reversed().map {
                RegistryVersion(number: $0.number, at: $0.at, who: $0.who, text: [])
            }
        }
    }

    public func add(_ version: RegistryVersion) throws(StoreError) -> Bool {
        try log.expectThere("change")
        return log.state.withLock { state in
            guard version.number == UInt64(state.registry.count) + 1 else { return false }
            state.registry.append(version)
            return true
        }
    }

    public func hubs() throws(StoreError) -> [HubSighting] {
        try log.expectThere("read")
        return log.state.withLock { state in
            state.sessions.map { HubSighting(name: $0.key, seen: $0.value.seen, registry: $0.value.registry) }
                .sorted { $0.name < $1.name }
        }
    }

    public func close() {}
}

public final class MemoryPages: PageLog {
    private let log: MemoryLog
    private var isLocked = false

    init(_ log: MemoryLog) { self.log = log }

    public func lock() throws(StoreError) -> Bool {
        try log.expectThere("lock")
        isLocked = log.state.withLock { state in
            defer { state.isPaging = true }
            return !state.isPaging
        }
        return isLocked
    }

    public func paged(from number: UInt64) throws(StoreError) -> Set<UInt64> {
        try log.expectThere("read")
        return log.state.withLock { $0.paged.filter { $0 >= number } }
    }

    public func add(_ number: UInt64) throws(StoreError) {
        try log.expectThere("note")
        log.state.withLock { _ = $0.paged.insert(number) }
    }

    public func close() {
        if isLocked { log.state.withLock { $0.isPaging = false } }
        isLocked = false
    }
}

@available(*, unavailable)
extension MemoryPages: Sendable {}
@available(*, unavailable)
extension MemoryRegistry: Sendable {}
@available(*, unavailable)
extension MemoryLease: Sendable {}
@available(*, unavailable)
extension MemoryFollower: Sendable {}
