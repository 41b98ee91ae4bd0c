internal import Identity

/// Who may ask the page's server: tokens, each good once and for a minute, and the sessions that they became. A value without a
/// clock; it holds hashes, so that nothing in it opens anything.
struct Sessions: Sendable {
    /// From minting to entering.
    static let tokenLife = Duration.seconds(60)
    /// From entering to the session's end.
    static let sessionLife = Duration.seconds(12 * 3_600)
    /// At once; a further one takes the place of the oldest.
    static let mostTokens = 16
    static let mostSessions = 64
    /// Random bytes of a token and of a cookie.
    static let length = 32

    private struct Entry {
        var hash: [UInt8]
        var end: Duration
        var number: UInt64
    }

    private var tokens: [Entry] = []
    private var sessions: [Entry] = []
    private var number: UInt64 = 0

    /// Takes note of a new token.
    mutating func mint(_ token: String, _ now: Duration) {
        expire(now)
        if tokens.count >= Sessions.mostTokens { tokens.removeFirst() }
        tokens.append(Entry(hash: Sessions.hash(token), end: now + Sessions.tokenLife, number: 0))
    }

    /// Uses a token up.
    /// - cookie: of the session that begins.
    /// - Returns: false where there is no such token: it was never minted, was used, or is too old.
    mutating func enter(_ token: String, cookie: String, _ now: Duration) -> Bool {
        expire(now)
        let hash = Sessions.hash(token)
        guard let place = tokens.firstIndex(where: { $0.hash == hash }) else { return false }
        tokens.remove(at: place)
        if sessions.count >= Sessions.mostSessions { sessions.removeFirst() }
        number += 1
        sessions.append(
            Entry(hash: Sessions.hash(cookie), end: now + Sessions.sessionLife, number: number))
        return true
    }

    /// The number of the session that a cookie is of; nil: of none.
    func session(_ cookie: String, _ now: Duration) -> UInt64? {
        let hash = Sessions.hash(cookie)
        return sessions.first { $0.hash == hash && $0.end > now }?.number
    }

    /// Whether a session goes on.
    func isOpen(_ number: UInt64, _ now: Duration) -> Bool {
        sessions.contains { $0.number == number && $0.end > now }
    }

    private mutating func expire(_ now: Duration) {
        tokens.removeAll { $0.end <= now }
        sessions.removeAll { $0.end <= now }
    }

    private static func hash(_ secret: String) -> [UInt8] { blake2b(Array(secret.utf8)) }
}
