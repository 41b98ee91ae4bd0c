/// A queue for each account, from which elements are taken in turns: how long one account waits does not depend on how much
/// another has waiting.
struct FairQueue<Element: Sendable>: Sendable {
    private var queues: [String: [Element]] = [:]
    /// Accounts with something waiting, in the order of their turns.
    private var turns: [String] = []
    private(set) var count = 0

    init() {}

    mutating func append(_ element: Element, of account: String) {
        if queues[account] == nil { turns.append(account) }
        queues[account, default: []].append(element)
        count += 1
    }

    /// The first one of the account whose turn it is.
    mutating func popFirst() -> Element? {
        guard let account = turns.first, var queue = queues[account] else { return nil }
        turns.removeFirst()
        let element = queue.removeFirst()
        count -= 1
        if queue.isEmpty {
            queues[account] = nil
        } else {
            queues[account] = queue
            turns.append(account)
        }
        return element
    }
}
