internal import Alerts
internal import AlertStore
internal import Platform
internal import Synchronization

/// A hub's session with a log that it shares: what the loop orders is asked of the store on two threads, so that the loop waits
/// for neither.
final class SharedSession: Sendable {
    /// How long the follower waits for what others write before it looks by itself.
    static let longestWait = Duration.milliseconds(200)
    /// Records read at once.
    static let page = 512

    private struct State {
        var orders: [SharedOrder] = []
        /// What comes after this offset is to be given; nil: nothing.
        var follow: UInt64?
        /// The open escalations are to be read, as of this moment at the earliest.
        var escalations: Timestamp?
        var news: [SharedNews] = []
        var isStopping = false
        /// The version of the registry in force.
        var registry: UInt64 = 0
    }

    private let log: any SharedLog
    private let provinces: ProvinceDirectory
    /// Each is used by its own thread alone.
    private let lease: Mutex<any LogLease>
    private let follower: Mutex<any LogFollower>
    private let state = Mutex(State())
    private let leaseWork: Wake
    private let followWork: Wake
    /// Readable when there are news.
    let changed: Wake

    /// Throws `.locked` where another hub of this name is alive.
    /// - Returns: the session, and the log as it is now.
    static func open(
        _ log: any SharedLog, hub: String, _ provinces: ProvinceDirectory
    ) throws -> (session: SharedSession, state: LogState) {
        let lease = try log.lease(of: hub)
        let follower = try log.follower()
        let state = try follower.state()
        return (try SharedSession(log, lease, follower, provinces), state)
    }

    private init(
        _ log: any SharedLog, _ lease: sending any LogLease, _ follower: sending any LogFollower,
        _ provinces: ProvinceDirectory
    ) throws(PlatformError) {
        self.log = log
        self.provinces = provinces
        self.lease = Mutex(lease)
        self.follower = Mutex(follower)
        leaseWork = try Wake()
        followWork = try Wake()
        changed = try Wake()
    }

    // MARK: The loop's side

    /// What is for the session.
    func order(_ order: SharedOrder) {
        state.withLock { $0.orders.append(order) }
        leaseWork.signal()
    }

    func follow(after offset: UInt64?) {
        state.withLock { $0.follow = offset }
        followWork.signal()
    }

    func readEscalations(certain: Timestamp) {
        state.withLock { $0.escalations = certain }
        followWork.signal()
    }

    func nextNews() -> SharedNews? {
        func next() -> SharedNews? { state.withLock { $0.news.isEmpty ? nil : $0.news.removeFirst() } }
        if let news = next() { return news }
        changed.clear()
        return next()
    }

    func tell(_ news: SharedNews) {
        state.withLock { $0.news.append(news) }
        changed.signal()
    }

    /// This version is in force: for those who ask the store.
    func isInForce(registry version: UInt64) { state.withLock { $0.registry = version } }

    /// What was ordered of the lease is still done.
    func stop() {
        state.withLock { $0.isStopping = true }
        leaseWork.signal()
        followWork.signal()
    }

    // MARK: The threads

    /// A thread's whole life: carries out what is ordered of the lease, until ``stop()``.
    /// - took: this hub has the lease: the rest is the writer's.
    func runLease(took: @Sendable (_ term: UInt64, Outage?) -> Void) {
        lease.withLock { lease in
            var registry: UInt64 = 0
            while true {
                let (next, isStopping): (SharedOrder?, Bool) = state.withLock { state in
                    (state.orders.isEmpty ? nil : state.orders.removeFirst(), state.isStopping)
                }
                guard let next else {
                    if isStopping { break }
                    leaseWork.wait()
                    continue
                }
                switch next {
                case .lease(.observe, _):
                    do throws(StoreError) { tell(.observed(try observe(lease, &registry))) } catch {
                        tell(.unheard(error))
                    }
                case .lease(let order, let outage): carryOut(order, outage, lease, took)
                default: carryOut(next, lease)
                }
            }
            lease.close()
        }
    }

    /// Reads the registry too where it is another than was told last, and tells it before: who can't read it has not heard the
    /// store.
    private func observe(_ lease: any LogLease, _ told: inout UInt64) throws(StoreError) -> LeaseView {
        let view = try lease.observe(registry: state.withLock { $0.registry })
        guard view.registry != told else { return view }
        guard view.registry > told, let version = try lease.registry(), version.number >= view.registry else {
            throw StoreError(
                operation: "observe", path: log.location, cause: .behind,
                detail: "its registry is of version \(view.registry), and was of version \(told) before",
                remedy:
                    "It has lost changes of the registry, or is another database: look for the server that has them"
            )
        }
        told = version.number
        tell(.registry(FoundRegistry(version, log.location, provinces)))
        return view
    }

    private func carryOut(
        _ order: Lease.Order, _ outage: Outage?, _ lease: any LogLease,
        _ took: @Sendable (UInt64, Outage?) -> Void
    ) {
        switch order {
        case .observe: break
        case .take(let term):
            do throws(StoreError) {
                if try lease.take(after: term) { took(term + 1, outage) } else { tell(.missed(nil)) }
            } catch { tell(.missed(error)) }
        case .resign:
            // Where it can't be said, the others find out by themselves.
            try? lease.resign()
        }
    }

    private func carryOut(_ order: SharedOrder, _ lease: any LogLease) {
        switch order {
        case .handOver(let receipts):
            do throws(StoreError) {
                try lease.handOver(receipts)
                tell(.handedOver(nil))
            } catch { tell(.handedOver(error)) }
        case .takeHandedOver(let number):
            // What can't be read now is asked for again.
            let handed = try? lease.handedOver(after: number, limit: Handover.page)
            tell(.handed(handed ?? []))
        case .removeHandedOver(let number):
            // What stays counts once all the same.
            try? lease.removeHandedOver(through: number)
        case .lease, .follow, .readEscalations, .release: break
        }
    }

    /// A thread's whole life: gives what others write as it is asked for, until ``stop()``.
    func runFollower() {
        var escalations = OpenEscalations()
        var reader: (any AlertReader)?
        defer { try? reader?.close() }
        follower.withLock { follower in
            while true {
                let (after, certain, isStopping) = state.withLock { state in
                    defer { state.escalations = nil }
                    return (state.follow, state.escalations, state.isStopping)
                }
                if isStopping { break }
                if let certain { read(&escalations, &reader, certain) }
                guard let after else {
                    followWork.wait()
                    continue
                }
                do throws(StoreError) {
                    let followed = try follower.records(after: after, limit: SharedSession.page)
                    guard !followed.records.isEmpty else {
                        try follower.wait(SharedSession.longestWait)
                        continue
                    }
                    answer(.followed(after: after, followed), to: after)
                } catch {
                    answer(.unfollowed(error), to: after)
                }
            }
            follower.close()
        }
    }

    /// What can't be read now is asked for again.
    private func read(
        _ escalations: inout OpenEscalations, _ reader: inout (any AlertReader)?, _ certain: Timestamp
    ) {
        do throws(StoreError) {
            let opened = if let reader { reader } else { try log.reader() }
            reader = opened
            tell(.escalations(try escalations.read(opened, certain: certain)))
        } catch {
            try? reader?.close()
            reader = nil
        }
    }

    /// An order is answered once.
    private func answer(_ news: SharedNews, to after: UInt64) {
        let isAsked = state.withLock { state in
            guard state.follow == after else { return false }
            state.follow = nil
            return true
        }
        if isAsked { tell(news) }
    }

    /// Opens the writer of a term and reads what is needed to write, on the writer's thread.
    func begin(
        _ term: UInt64, _ outage: Outage?, _ writer: LogWriter, _ escalation: EscalationSettings,
        _ time: SharedTime
    ) {
        writer.begin { [self] store in
            do throws(StoreError) {
                try? store?.close()
                store = nil
                let opened = try log.writer(of: term)
                let state = try opened.load()
                let reader = try log.reader()
                defer { try? reader.close() }
                let time = time.value
                let start = try WriterStart(
                    state, reader, escalation,
                    WriterStart.Clock(now: time.now(steady: steadyClock()), shift: time.shift),
                    outage: outage?.after(state))
                store = opened
                tell(.took(term: term, start))
            } catch {
                tell(.missed(error))
            }
        }
    }
}

extension Outage {
    /// As long as alerts were stored a hub was there.
    fileprivate func after(_ state: LogState) -> Outage? {
        let from = max(from, state.received)
        return from < until ? Outage(from: from, until: until) : nil
    }
}
