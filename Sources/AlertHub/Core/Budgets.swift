internal import Alerts
internal import Platform
internal import Settings

/// What each identity may use of the hub, so that none takes it from the others: one account per identity and resource, all
/// in this one place.
///
/// A value: it is told what time it is, and only counts. Who asks does something about what is not there: waits, refuses, cuts.
struct Budgets: Sendable {
    /// What is counted. Each has its key in `[limits]` of hub.toml, and says there what happens at its limit.
    enum Resource: Int, Sendable, CaseIterable {
        /// Alerts taken from a post.
        case alerts
        /// Bytes of them: header, payload with all its white space, and seal.
        case bytes
        /// The same within a day.
        case dailyBytes
        /// Epochs that a post has begun within a day.
        case epochs
        /// Different reads that were recorded; counted on the thread that records.
        case auditRows
        /// Alerts whose plates, vessels and documents were looked up, asked or not.
        case related
        /// Escalations of its alerts.
        case escalations
        /// Requests on control, by their cost (``Request/cost``).
        case requests
        /// Requests that read the log, from their arrival to their answer.
        case lookups
        /// Connections to one socket: control, ingest, or feeds.
        case connections
        /// Bytes of subscriptions on feeds.
        case subscriptions
        /// Bytes of answers that its connections have not taken yet.
        case replyBytes
        /// Bytes of messages that have not come to their end (``PeerConnections/mostUntaken``).
        case messageBytes
        /// Reports of what was shown to its user.
        case receipts
        /// Answers `busy` to requests beyond; the rest of those requests stay without an answer.
        case refusals

        /// For operators and their programs.
        var name: String {
            switch self {
            case .dailyBytes: "daily-bytes"
            case .auditRows: "audit-rows"
            case .replyBytes: "reply-bytes"
            case .messageBytes: "message-bytes"
            default: "\(self)"
            }
        }
    }

    struct Limit: Sendable, Equatable {
        /// At once. At most 100 GB for a period of a day: the product of the two is kept in 63 bits.
        var most: Int64
        /// Milliseconds in which all of it comes back by itself, evenly; nil: what is taken comes back when it is given back.
        var period: Int64?

        static func perSecond(_ most: Int) -> Limit { Limit(most: Int64(most), period: 1_000) }
        static func perDay(_ most: Int) -> Limit { Limit(most: Int64(most), period: 86_400_000) }
        static func atOnce(_ most: Int) -> Limit { Limit(most: Int64(most), period: nil) }

        /// Accounts of what comes back are kept in parts of a unit, of which one comes back in a millisecond for each unit of
        /// `most`.
        fileprivate var parts: Int64 { period ?? 1 }
        fileprivate var full: Int64 { most * parts }
    }

    /// One identity's account of one resource.
    private struct Account: Sendable {
        /// In ``Limit/parts``.
        var used: Int64 = 0
        var at: Timestamp
        /// How often something was not there.
        var refused: UInt64 = 0
    }

    /// What an operator sees of an account.
    struct Line: Sendable, Equatable {
        var resource: Resource
        var used: Int64
        var most: Int64
        var refused: UInt64
    }

    private var limits = PerResource<Limit>()
    private var accounts: [String: PerResource<Account>] = [:]

    /// One value for each resource, or none: in its place, since they are looked up for each alert.
    private struct PerResource<Value: Sendable>: Sendable {
        private var values: [Value?] = []

        subscript(resource: Resource) -> Value? {
            get { resource.rawValue < values.count ? values[resource.rawValue] : nil }
            set {
                while values.count <= resource.rawValue { values.append(nil) }
                values[resource.rawValue] = newValue
            }
        }

        subscript(resource: Resource, default value: @autoclosure () -> Value) -> Value {
            get { self[resource] ?? value() }
            set { self[resource] = newValue }
        }
    }

    /// Nothing is limited.
    init() {}

    init(_ limits: HubLimits) { follow(limits) }

    /// From the next call on. What is used stays used.
    mutating func follow(_ limits: HubLimits) {
        for (resource, limit) in limits.budgets { self.limits[resource] = limit }
    }

    /// Forgets who is gone.
    mutating func keep(_ isKept: (String) -> Bool) { accounts = accounts.filter { isKept($0.key) } }

    func most(_ resource: Resource) -> Int64 { limits[resource]?.most ?? .max }

    /// Takes all of the amount, or nothing of it and counts that. More than the limit at once is there only while nothing
    /// is used, so that a single large answer is never impossible.
    mutating func take(
        _ amount: Int64 = 1, of resource: Resource, for identity: String, at now: Timestamp
    ) -> Bool {
        guard let limit = limits[resource] else { return true }
        var account = account(resource, identity, limit, now)
        defer { accounts[identity, default: PerResource()][resource] = account }
        let parts = min(amount, limit.most) * limit.parts
        guard account.used + parts <= limit.full else {
            account.refused &+= 1
            return false
        }
        account.used += limit.period == nil ? amount : parts
        return true
    }

    /// Whether the amount can be taken.
    func isThere(_ amount: Int64 = 1, of resource: Resource, for identity: String, at now: Timestamp) -> Bool
    {
        guard let limit = limits[resource] else { return true }
        return account(resource, identity, limit, now).used + min(amount, limit.most) * limit.parts
            <= limit.full
    }

    /// An account as if so much had been taken just now, and nothing before.
    mutating func set(_ used: Int64, of resource: Resource, for identity: String, at now: Timestamp) {
        guard let limit = limits[resource] else { return }
        accounts[identity, default: PerResource()][resource] = Account(
            used: max(0, min(used, limit.most)) * limit.parts, at: now)
    }

    /// Of a resource that comes back by itself: milliseconds until the amount, or all that there ever is, can be taken.
    func wait(for amount: Int64, of resource: Resource, by identity: String, at now: Timestamp) -> Int {
        guard let limit = limits[resource], limit.period != nil else { return 0 }
        let account = account(resource, identity, limit, now)
        let missing = account.used + min(amount, limit.most) * limit.parts - limit.full
        return Int(max(1, missing / limit.most))
    }

    /// Gives back some of a resource that does not come back by itself.
    mutating func giveBack(_ amount: Int64 = 1, of resource: Resource, for identity: String) {
        guard var account = accounts[identity]?[resource] else { return }
        account.used = max(0, account.used - amount)
        accounts[identity]?[resource] = account
    }

    /// Counts something that was not there, of a resource that is counted elsewhere.
    mutating func refuse(_ resource: Resource, to identity: String, at now: Timestamp) {
        accounts[identity, default: PerResource()][resource, default: Account(at: now)].refused &+= 1
    }

    /// What is used now of a resource that is counted elsewhere; nothing by those who are not named.
    mutating func set(_ resource: Resource, _ used: [String: Int64], at now: Timestamp) {
        for identity in accounts.keys where used[identity] == nil { accounts[identity]?[resource]?.used = 0 }
        for (identity, amount) in used {
            accounts[identity, default: PerResource()][resource, default: Account(at: now)].used = amount
        }
    }

    /// An account as it is counted elsewhere.
    mutating func set(_ line: Line, for identity: String, at now: Timestamp) {
        guard let limit = limits[line.resource] else { return }
        accounts[identity, default: PerResource()][line.resource] = Account(
            used: max(0, min(line.used, limit.most)) * limit.parts, at: now, refused: line.refused)
    }

    /// What an identity uses, of whatever it has used since the start.
    func lines(of identity: String, at now: Timestamp) -> [Line] {
        guard let used = accounts[identity] else { return [] }
        return Resource.allCases.compactMap { resource in
            guard used[resource] != nil, let limit = limits[resource] else { return nil }
            let account = account(resource, identity, limit, now)
            return Line(
                resource: resource, used: (account.used + limit.parts - 1) / limit.parts, most: limit.most,
                refused: account.refused)
        }
    }

    /// The account as it is now.
    private func account(
        _ resource: Resource, _ identity: String, _ limit: Limit, _ now: Timestamp
    ) -> Account {
        guard var account = accounts[identity]?[resource] else { return Account(at: now) }
        guard let period = limit.period else { return account }
        // A clock that was set back gives nothing and takes nothing.
        let passed = min(max(0, now.milliseconds - account.at.milliseconds), period)
        account.used = max(0, min(account.used, limit.full) - passed * limit.most)
        account.at = now
        return account
    }
}

extension HubLimits {
    /// The budgets' limits, from their keys in `[limits]`.
    var budgets: [Budgets.Resource: Budgets.Limit] {
        [
            .alerts: .perSecond(rate),
            .bytes: .perSecond(byteRate.bytes),
            .dailyBytes: .perDay(daily.bytes),
            .epochs: .perDay(epochs),
            .auditRows: Budgets.Limit(most: Int64(auditRows), period: 3_600_000),
            .related: Budgets.Limit(most: Int64(related), period: 3_600_000),
            .escalations: Budgets.Limit(most: Int64(escalations), period: 3_600_000),
            .requests: .perSecond(requests),
            .lookups: .atOnce(lookups),
            .connections: .atOnce(connections),
            .subscriptions: .atOnce(subscriptions.bytes),
            .replyBytes: .atOnce(replyBytes.bytes),
            .messageBytes: Budgets.Limit(most: Int64(PeerConnections.mostUntaken[.ingest] ?? 0), period: nil),
            .refusals: .perSecond(10),
            // One a second in the long run: several readers of one identity may say theirs at once.
            .receipts: Budgets.Limit(most: 8, period: 8_000),
        ]
    }
}
