internal import Alerts
internal import AlertStore
internal import Wire

/// Who asked for something that takes a while: looked at again before the answer leaves.
package struct Asker: Sendable {
    /// Whom to answer on control.
    package var peer: [UInt8]
    /// The key that asked, as ``HubCore/admit(domain:key:)`` names it.
    var user: String
    /// Whose budget it is: the identity's name.
    package var account: String
    /// What it could read when it asked.
    var read: Grant
}

/// Requests that read the log: counted when they come and when their answer leaves.
extension HubCore {
    /// Accounts of budgets that are no identity's.
    static let operatorAccount = "the operator"
    static let revokedAccount = "revoked keys"

    /// Queues a look-up in the log. Each asker may have few of them under way, so that nobody's wait grows with what another
    /// asks.
    mutating func read(
        _ subject: LogQuery.Subject, for asker: Asker, request: UInt64, audit: AuditEvent? = nil,
        at now: Timestamp
    ) {
        guard budgets.take(of: .lookups, for: asker.account, at: now) else {
            let most = budgets.most(.lookups)
            reached(.lookups, asker.account, "more than \(most) requests under way", at: now)
            // Nobody has requested the comparison of a duplicate, so there is nothing to refuse; the post asks again by
            // itself.
            guard request != 0 else { return }
            return refuse(
                asker.peer, request, .busy, "\(most) requests are under way: wait for their replies")
        }
        perform(
            .read(
                LogQuery(
                    asker: asker, request: request, offset: end.offset, log: end.log, subject: subject,
                    audit: audit)))
    }

    /// An answer is there, or there will be none. Once for each ``Action/read(_:)``.
    /// - Returns: why it must not leave any more; nil: it may.
    package mutating func answered(_ asker: Asker) -> String? {
        budgets.giveBack(of: .lookups, for: asker.account)
        if asker.user == operatorUser { return nil }
        guard let identity = registry.identity(user: asker.user) else {
            return "this key is not in the registry, or no longer"
        }
        return identity.read == asker.read ? nil : "what \(identity.name) may read has changed: ask again"
    }

    /// Says, once per period, that an identity is at the limit of its budget.
    mutating func reached(_ resource: Budgets.Resource, _ account: String, _ words: String, at now: Timestamp)
    {
        let notice = drops.notice(
            .budgetReached, resource.name, peer: account, "\(account) is at its limit: \(words)", at: now)
        if let notice { perform(.log(notice)) }
    }

    /// As ``reached(_:_:_:at:)``, for a resource that is counted outside of ``budgets``: the refusal is counted here too.
    mutating func exceeded(
        _ resource: Budgets.Resource, _ account: String, _ words: String, at now: Timestamp
    ) {
        budgets.refuse(resource, to: account, at: now)
        reached(resource, account, words, at: now)
    }

    /// A further connection of it is not let in.
    mutating func isFull(_ account: String, at now: Timestamp) {
        exceeded(.connections, account, "more than \(budgets.most(.connections)) connections", at: now)
    }

    /// An answer to it is dropped, or not looked up: too many wait for its connections already.
    mutating func isUnread(_ account: String?, at now: Timestamp) {
        guard let account else { return }
        exceeded(
            .replyBytes, account,
            "more than \(budgets.most(.replyBytes)) bytes of answers that it does not read", at: now)
    }

    /// What each account holds now, counted elsewhere.
    mutating func hold(_ usage: [String: [Budgets.Resource: Int64]], at now: Timestamp) {
        for resource in [Budgets.Resource.connections, .subscriptions, .replyBytes] {
            budgets.set(resource, usage.compactMapValues { $0[resource] }, at: now)
        }
    }

    /// What each uses of what is counted where it is recorded who reads.
    mutating func hold(_ recordings: [String: Budgets.Line], at now: Timestamp) {
        for (identity, line) in recordings where registry.named(identity) != nil {
            budgets.set(line, for: identity, at: now)
        }
    }

    /// Whose budget a connection with this key counts in.
    func account(of user: String) -> String {
        registry.identity(user: user)?.name
            ?? (user == operatorUser ? HubCore.operatorAccount : HubCore.revokedAccount)
    }

    /// Takes what a request costs out of its sender's budget.
    /// - Returns: false when it must not be answered, but for a refusal now and then.
    mutating func afford(
        _ cost: Int64, _ account: String, _ peer: [UInt8], _ request: @autoclosure () -> UInt64?,
        at now: Timestamp
    ) -> Bool {
        if budgets.take(cost, of: .requests, for: account, at: now) { return true }
        let most = budgets.most(.requests)
        reached(.requests, account, "more than \(most) requests a second on control", at: now)
        if budgets.take(of: .refusals, for: account, at: now) {
            refuse(peer, request(), .busy, "more than \(most) requests a second: ask again later")
        }
        return false
    }
}
