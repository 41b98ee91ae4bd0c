internal import Alerts

/// Which alerts are about the same: each with what it refers to. A value.
struct Threads: Sendable {
    /// Alerts of one thread that are looked at together; further ones begin another.
    static let most = 500

    /// Of each alert the thread that it is in, and of each thread its alerts.
    private var homes: [AlertID: AlertID] = [:]
    private var alerts: [AlertID: [AlertID]] = [:]

    /// - references: what an alert is about, whether it was seen or not.
    mutating func join(_ id: AlertID, _ references: [AlertID]) {
        if homes[id] == nil {
            homes[id] = id
            alerts[id] = [id]
        }
        for reference in references where reference != id {
            guard let other = homes[reference], let own = homes[id], other != own else { continue }
            let (large, small) =
                alerts[other, default: []].count >= alerts[own, default: []].count
                ? (other, own) : (own, other)
            let moved = alerts[small] ?? []
            guard alerts[large, default: []].count + moved.count <= Threads.most else { continue }
            for member in moved { homes[member] = large }
            alerts[large, default: []] += moved
            alerts[small] = nil
        }
    }

    mutating func leave(_ id: AlertID) {
        guard let home = homes.removeValue(forKey: id) else { return }
        alerts[home]?.removeAll { $0 == id }
        if alerts[home]?.isEmpty ?? true { alerts[home] = nil }
    }

    /// An alert's thread, itself included; none where it is not known.
    func members(of id: AlertID) -> [AlertID] { homes[id].flatMap { alerts[$0] } ?? [] }
}
