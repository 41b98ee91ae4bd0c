internal import AlertStore

/// When this hub takes the lease of a shared log, and when it has heard too little of its store to answer anybody. A value: what the
/// store says comes in, what it is to be asked goes out. All times are steady.
struct Lease: Sendable {
    /// Between two looks at the store.
    static let look = Duration.milliseconds(200)
    /// A holder that counts no more for so long is gone.
    static let standstill = Duration.seconds(3)
    /// That is counted over looks at most so far apart: of a time in which the store itself stood still nobody knows.
    static let longestGap = Duration.milliseconds(600)
    /// When this hub has lost the store, the others have most likely too: so long it leaves the lease to who had it before.
    static let courtesy = Duration.milliseconds(500)
    /// A hub that has not heard its store for so long answers nobody.
    static let patience = Duration.seconds(1)

    /// What the store is to be asked. Orders are carried out in their order, and each is answered once.
    enum Order: Sendable, Equatable {
        case observe
        /// - after: the term that was seen.
        case take(after: UInt64)
        case resign
    }

    private enum Stand: Sendable, Equatable {
        case none
        case taking(after: UInt64)
        case held(term: UInt64)
        /// The hub stops.
        case ended
    }

    private let hub: String
    private var stand = Stand.none
    private(set) var view: LeaseView?
    /// Whether a view has come since the lease was last thought about.
    private var isNew = false
    /// When the look under way began; nil: none is.
    private var asked: Duration?
    private var next = Duration.zero
    /// Looks begun so far. One is under way at a time.
    private(set) var looks: UInt64 = 0
    private var isLookWanted = false
    /// When the last look that was answered had begun: what the store said then was so at that moment at the earliest.
    private var heard: Duration?
    /// Since when the holder counts no more.
    private var standsSince: Duration?
    private var hasFailed = false
    private var courteousUntil = Duration.zero

    /// - hub: its name.
    init(_ hub: String) { self.hub = hub }

    /// The term in which this hub may write; nil: it may not.
    var term: UInt64? { if case .held(let term) = stand { term } else { nil } }

    /// Whether what this hub knows is too old to answer anybody.
    func isDeaf(_ now: Duration) -> Bool { heard.map { now - $0 >= Lease.patience } ?? true }

    /// When ``tick(canTake:_:)`` is due, or the hub becomes deaf.
    func nextTick(_ now: Duration) -> Duration {
        let never = Duration.seconds(Int64.max / 4)
        let look = asked == nil ? (isLookWanted ? now : next) : never
        let deaf = heard.map { $0 + Lease.patience } ?? never
        return min(look, deaf > now ? deaf : never)
    }

    // MARK: What the store says

    /// - Returns: whether another hub has taken the lease that this one had or was about to have.
    mutating func observed(_ new: LeaseView, _ now: Duration) -> Bool {
        guard let began = asked else { return false }
        let isGap = heard.map { began - $0 > Lease.longestGap } ?? true
        if isGap || view?.term != new.term || view?.holderSeen != new.holderSeen { standsSince = now }
        if hasFailed { courteousUntil = now + Lease.courtesy }
        (hasFailed, asked, heard, view, isNew) = (false, nil, began, new, true)
        next = max(began + Lease.look, now)
        switch stand {
        case .held(let term) where new.term != term, .taking(let term) where new.term > term + 1:
            stand = .none
            return true
        default: return false
        }
    }

    /// The store did not answer a look.
    mutating func failed(_ now: Duration) {
        (hasFailed, asked) = (true, nil)
        next = now + Lease.look
    }

    /// The log is this hub's to write.
    /// - Returns: false where the lease is lost already, or given up.
    mutating func took(_ term: UInt64) -> Bool {
        guard case .taking(let after) = stand, term == after + 1 else { return false }
        stand = .held(term: term)
        return true
    }

    /// Another hub was first, or nobody knows.
    mutating func missed() {
        if case .taking = stand { stand = .none }
    }

    /// This hub may write no more, or does not know what became of what it wrote: it takes the lease anew.
    mutating func lost() {
        if stand != .ended { stand = .none }
    }

    // MARK: What the store is asked

    /// What is decided next is to be by what the store says from now on.
    mutating func wantLook() { isLookWanted = true }

    /// - canTake: nothing of an earlier term of this hub is under way.
    mutating func tick(canTake: Bool, _ now: Duration) -> [Order] {
        guard stand != .ended else { return [] }
        var orders: [Order] = []
        if isNew, canTake, stand == .none, let view, isToTake(view, now) {
            stand = .taking(after: view.term)
            orders.append(.take(after: view.term))
        }
        isNew = false
        if asked == nil, isLookWanted || now >= next {
            (asked, isLookWanted) = (now, false)
            looks += 1
            orders.append(.observe)
        }
        return orders
    }

    /// The hub stops.
    mutating func stop() -> [Order] {
        defer { stand = .ended }
        switch stand {
        case .held, .taking: return [.resign]
        case .none, .ended: return []
        }
    }

    private func isToTake(_ view: LeaseView, _ now: Duration) -> Bool {
        if view.holder == hub { return true }
        if view.holder.isEmpty || view.isFree { return now >= courteousUntil }
        guard let heard, let standsSince else { return false }
        return heard - standsSince >= Lease.standstill
    }
}
