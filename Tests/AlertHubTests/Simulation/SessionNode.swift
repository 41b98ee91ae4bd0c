import AlertStore
import MemoryStore

@testable import AlertHub

/// A simulated hub's session with the log that it shares: what is asked is answered some time later, in its order, or the store is
/// away.
final class SessionNode {
    private unowned let hub: HubNode
    private let world: World
    private var lease: (any LogLease)?
    private var follower: MemoryFollower?
    private var news: [SharedNews] = []
    private var last: Int64 = 0
    /// What comes after this offset is to be given.
    private var follow: UInt64?
    /// This hub alone does not reach the store.
    private(set) var isCut = false
    private var life = 0

    init(_ hub: HubNode) {
        self.hub = hub
        world = hub.world
    }

    static func unreachable(_ operation: String) -> StoreError {
        StoreError(operation: operation, path: "memory", cause: .unreachable, detail: "it does not answer")
    }

    // MARK: Life

    func open() throws(StoreError) -> LogState {
        if isCut { throw SessionNode.unreachable("open") }
        let lease = try hub.memory.lease(of: hub.name)
        let follower = MemoryFollower(hub.memory)
        let state = try follower.state()
        (self.lease, self.follower) = (lease, follower)
        return state
    }

    /// The hub is killed.
    func end() {
        lease?.close()
        (lease, follower, news, follow) = (nil, nil, [], nil)
        life += 1
    }

    /// The hub stops: what was ordered is still done.
    func leave() { if !isCut { try? lease?.resign() } }

    func cut() {
        guard !isCut else { return }
        isCut = true
        lease?.close()
        world.after(world.number(200...6_000)) { [self] in isCut = false }
    }

    // MARK: Orders

    func next() -> SharedNews? { news.isEmpty ? nil : news.removeFirst() }

    func order(_ order: SharedOrder) {
        switch order {
        case .lease(let order, let outage): inTurn { [self] in carryOut(order, outage) }
        case .follow(let offset):
            let isNew = follow == nil
            follow = offset
            if isNew { look() }
        case .release: hub.write(to: nil)
        // Alerts of a test are not escalated.
        case .readEscalations: break
        case .handOver, .takeHandedOver, .removeHandedOver: inTurn { [self] in carryOut(order) }
        }
    }

    private func inTurn(_ work: @escaping () -> Void) {
        let wait = world.oneIn(40) ? world.number(0...1_500) : world.number(0...8)
        last = max(last, world.now + wait)
        world.after(last - world.now) { [self, life] in
            guard life == self.life else { return }
            hub.whenAwake { [self] in if life == self.life { work() } }
        }
    }

    private func tell(_ one: SharedNews) {
        news.append(one)
        hub.tickSoon()
    }

    private func carryOut(_ order: Lease.Order, _ outage: Outage?) {
        guard let lease else { return }
        do throws(StoreError) {
            if isCut { throw SessionNode.unreachable("ask") }
            switch order {
            case .observe:
                let view = try lease.observe()
                // It is read, and comes later.
                inTurn { [self] in tell(.observed(view)) }
            case .take(let term):
                guard try lease.take(after: term) else { return tell(.missed(nil)) }
                begin(term + 1, outage)
            case .resign: try lease.resign()
            }
        } catch {
            switch order {
            case .observe: tell(.unheard(error))
            case .take: tell(.missed(error))
            case .resign: break
            }
        }
    }

    private func carryOut(_ order: SharedOrder) {
        guard let lease else { return }
        do throws(StoreError) {
            if isCut { throw SessionNode.unreachable("ask") }
            switch order {
            case .handOver(let receipts):
                try lease.handOver(receipts)
                // It is done, and its answer may be lost.
                tell(.handedOver(world.oneIn(20) ? SessionNode.unreachable("hand over") : nil))
            case .takeHandedOver(let number): tell(.handed(try lease.handedOver(after: number, limit: 5)))
            case .removeHandedOver(let number): try lease.removeHandedOver(through: number)
            case .lease, .follow, .readEscalations, .release: break
            }
        } catch {
            switch order {
            case .handOver: tell(.handedOver(error))
            case .takeHandedOver: tell(.handed([]))
            default: break
            }
        }
    }

    private func begin(_ term: UInt64, _ outage: Outage?) {
        world.after(world.number(0...100)) { [self, life] in
            guard life == self.life else { return }
            hub.whenAwake { [self] in
                do throws(StoreError) {
                    if isCut { throw SessionNode.unreachable("open") }
                    guard let store = try hub.memory.writer(of: term) as? MemoryStore else { return }
                    let start = try hub.start(store, outage: outage)
                    hub.write(to: store)
                    tell(.took(term: term, start))
                } catch {
                    tell(.missed(error))
                }
            }
        }
    }

    private func look() {
        world.after(world.oneIn(60) ? world.number(0...2_000) : world.number(0...6)) { [self, life] in
            guard life == self.life else { return }
            hub.whenAwake { [self] in
                guard life == self.life, let after = follow, let follower else { return }
                do throws(StoreError) {
                    if isCut { throw SessionNode.unreachable("read") }
                    let records = try follower.records(after: after, limit: Int(world.number(1...20)))
                    guard !records.records.isEmpty else { return look() }
                    follow = nil
                    tell(.followed(after: after, records))
                } catch {
                    follow = nil
                    tell(.unfollowed(error))
                }
            }
        }
    }
}
