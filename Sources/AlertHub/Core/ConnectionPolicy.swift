internal import Settings

/// Open descriptors of the hub's process: each connection is one.
struct DescriptorUse: Sendable, Equatable {
    var used = 0
    /// Most that may be, and how many of them are kept free for the hub's own work.
    var limit = 0
    var reserve = 0
    /// Connections that are not let in yet, and those that were cut before they were, since the start.
    var waiting = 0
    var cut: UInt64 = 0
}

/// Which connections that are not let in yet the hub can afford, and which it cuts. A value: what the kernel says of them goes
/// in, whom to cut comes out.
///
/// A stranger can make connections as fast as the hub accepts them, and holds each until its handshake's time is over. So
/// the number that may wait is bounded, and some descriptors are kept free for the hub's own work. Beyond a bound those go
/// first whose address has the most of them, so that one address can't crowd out another; an address with peers that were
/// let in (posts behind one NAT) counts as one with ``kept`` fewer. Of one address those that have said least go first, the
/// oldest among them. Who was let in is never cut here: what an identity may have is bounded elsewhere.
struct ConnectionPolicy: Sendable {
    /// How far a connection has come.
    enum Stage: Int, Sendable, Comparable {
        /// It has not even greeted.
        case silent
        case greeted
        /// We have answered its first question: it knows the hub's key.
        case answered
        /// It is let in.
        case admitted

        static func < (one: Stage, other: Stage) -> Bool { one.rawValue < other.rawValue }
    }

    struct Peer: Sendable, Equatable {
        var id: UInt64
        var address: [UInt8]
        var stage: Stage
    }

    struct Verdict: Sendable, Equatable {
        var cut: [UInt64] = []
        /// Not even what was let in leaves the reserve free: nobody else is let in now.
        var isShort = false
        /// Many come just now: look again soon.
        var isPressed = false
        var notices: [Notice] = []
    }

    /// So many handshakes under way are not counted against an address from which peers were let in.
    static let kept = 64
    /// While many wait, one that says nothing for so long goes.
    static let patience = Duration.seconds(3)
    /// Between two notices of the same kind.
    static let period = Duration.seconds(10)

    /// When each that waits was first seen.
    private var since: [UInt64: Duration] = [:]
    private(set) var isShort = false
    private var told: Duration?
    private var untold = 0

    /// Descriptors kept free: an eighth of the limit, at least 32, at most 1,024.
    static func reserve(of limit: Int) -> Int { min(max(limit / 8, 32), 1_024) }

    /// Connections that may wait to be let in: a quarter of what is left, at least 16, at most 1,024.
    static func mostWaiting(limit: Int, own: Int) -> Int {
        min(max((limit - reserve(of: limit) - own) / 4, 16), 1_024)
    }

    /// - used: descriptors open, those of the peers included. limit: most that may be.
    mutating func look(_ peers: [Peer], used: Int, limit: Int, at now: Duration) -> Verdict {
        let waiting = peers.filter { $0.stage != .admitted }
        let new = waiting.count { since[$0.id] == nil }
        since = Dictionary(
            waiting.map { ($0.id, since[$0.id] ?? now) }, uniquingKeysWith: { first, _ in first })
        let most = ConnectionPolicy.mostWaiting(limit: limit, own: used - peers.count)
        let room = limit - ConnectionPolicy.reserve(of: limit)
        var verdict = Verdict()
        let need = max(waiting.count - most, min(used - room, waiting.count), 0)
        let living = Set(
            peers.lazy.filter { $0.stage == .admitted }.map { ConnectionPolicy.network($0.address) })
        var groups = groups(waiting, living)
        if need > 0 { verdict.cut = ConnectionPolicy.choose(need, of: &groups) }
        if waiting.count > most / 2 {
            let chosen = Set(verdict.cut)
            verdict.cut += waiting.filter {
                $0.stage == .silent && now - (since[$0.id] ?? now) > ConnectionPolicy.patience
                    && !chosen.contains($0.id)
            }.map(\.id)
        }
        verdict.isPressed = !verdict.cut.isEmpty || new > most / 8
        notice(&verdict, groups, used - verdict.cut.count, room, at: now)
        return verdict
    }

    // MARK: Whom to cut

    private struct Group {
        var address: [UInt8]
        /// Those that wait, in the order in which they go.
        var waiting: [Peer]
        /// How many of them count.
        var weight: Int
    }

    /// Neighbours in an IPv6 network are one, since a subscriber has 2^64 addresses of it.
    private static func network(_ address: [UInt8]) -> [UInt8] {
        address.count == 16 ? Array(address.prefix(8)) : address
    }

    /// Heaviest first.
    private func groups(_ waiting: [Peer], _ living: Set<[UInt8]>) -> [Group] {
        Dictionary(grouping: waiting) { ConnectionPolicy.network($0.address) }.map { address, peers in
            let order = peers.sorted {
                ($0.stage, since[$0.id] ?? .zero, $0.id) < ($1.stage, since[$1.id] ?? .zero, $1.id)
            }
            let weight = peers.count - (living.contains(address) ? ConnectionPolicy.kept : 0)
            return Group(address: peers[0].address, waiting: order, weight: weight)
        }.sorted {
            $0.weight == $1.weight
                ? $0.address.lexicographicallyPrecedes($1.address) : $0.weight > $1.weight
        }
    }

    /// Chooses connections of the heaviest addresses, until these are left with the same weight as the next ones.
    private static func choose(_ need: Int, of groups: inout [Group]) -> [UInt64] {
        func count(_ group: Group, downTo level: Int) -> Int {
            min(max(group.weight - level, 0), group.waiting.count)
        }
        var low = -kept
        var high = groups.first?.weight ?? 0
        // The highest level that leaves few enough; at -kept it takes all.
        while low < high {
            let middle = low + (high - low + 1) / 2
            let total = groups.reduce(0) { $0 + count($1, downTo: middle) }
            if total >= need { low = middle } else { high = middle - 1 }
        }
        var chosen: [UInt64] = []
        for group in groups where chosen.count < need {
            let share = min(count(group, downTo: low), need - chosen.count)
            chosen += group.waiting.prefix(share).map(\.id)
        }
        return chosen
    }

    // MARK: What the operator hears

    private mutating func notice(
        _ verdict: inout Verdict, _ groups: [Group], _ left: Int, _ room: Int, at now: Duration
    ) {
        untold += verdict.cut.count
        if untold > 0, told.map({ now - $0 >= ConnectionPolicy.period }) ?? true, let worst = groups.first {
            var notice = Notice(
                .connectionsCut, .warning,
                "\(untold) connections were cut before they were let in: too many wait, the most from "
                    + ConnectionPolicy.words(worst.address), reason: "waiting")
            notice.peer = ConnectionPolicy.words(worst.address)
            verdict.notices.append(notice)
            told = now
            untold = 0
        }
        // The shortage ends only somewhat below the bound, so that one connection more or less does not toggle it.
        let limit = isShort ? room - room / 16 : room
        verdict.isShort = left > limit
        if verdict.isShort != isShort {
            verdict.notices.append(
                verdict.isShort
                    ? Notice(
                        .descriptorsShort, .error,
                        "\(left) descriptors are in use, and the rest is kept for the hub's own work: nobody else is let in",
                        reason: "descriptors")
                    : Notice(.descriptorsFree, .notice, "there are descriptors again: \(left) are in use"))
        }
        isShort = verdict.isShort
    }

    private static func words(_ address: [UInt8]) -> String {
        NumericAddress(bytes: address)?.description ?? "an unknown address"
    }
}
