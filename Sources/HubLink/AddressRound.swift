internal import Platform
internal import Settings

/// Which of the hub's addresses comes next. A value: events and times in, actions out.
///
/// An address that fails is followed by the next at once; after the last one there is a pause, then the name is looked up
/// anew and the first one comes again. While a look-up takes its time, or finds nothing, the addresses of the one before
/// stay. After a connection that was good its own address comes first again: the hub was most likely started anew.
struct AddressRound: Sendable {
    enum Action: Sendable, Equatable {
        case lookUp(String)
        case connect(NumericAddress)
    }

    /// Addresses of one name, at most; further ones are left out.
    static let mostAddresses = 16
    /// Between two rounds: first, and doubled with each up to the longest.
    static let pause = Duration.seconds(1)
    static let longestPause = Duration.seconds(5)
    /// The same after a round in which our key was refused: a hub should not have to say so more often.
    static let refusedPause = Duration.seconds(15)

    /// nil: the address is a numeric one.
    private let name: String?
    private var addresses: [NumericAddress] = []
    private(set) var current: NumericAddress?
    /// What this round has not tried yet.
    private var left: [NumericAddress] = []
    private var nextRound: Duration?
    private var wait = pause
    private var isLookingUp = false
    private var isUp = false
    private var wasRefused = false
    /// Whether each address has failed since the link was up last.
    private(set) var hasFailed = false

    init(_ host: HubAddress.Host) {
        switch host {
        case .name(let name): self.name = name
        case .address(let address):
            name = nil
            addresses = [address]
        }
    }

    /// Whether there is no further address to be tried before something is to be said.
    var isHopeless: Bool { hasFailed || addresses.count <= 1 }

    /// When ``tick(_:)`` is due; nil: not before something happens.
    var nextTick: Duration? { isUp ? nil : nextRound }

    mutating func start() -> [Action] { beginRound() }

    mutating func tick(_ now: Duration) -> [Action] {
        guard let nextRound, now >= nextRound, !isUp else { return [] }
        return beginRound()
    }

    private mutating func beginRound() -> [Action] {
        nextRound = nil
        wasRefused = false
        left = addresses
        var actions: [Action] = []
        if let name, !isLookingUp {
            isLookingUp = true
            actions.append(.lookUp(name))
        }
        return actions + next()
    }

    /// libzmq goes on by itself with the one that is tried now.
    private mutating func next() -> [Action] {
        guard !left.isEmpty else { return [] }
        let address = left.removeFirst()
        guard address != current else { return [] }
        current = address
        return [.connect(address)]
    }

    mutating func found(_ list: [NumericAddress]) -> [Action] {
        isLookingUp = false
        var found: [NumericAddress] = []
        for address in list where !found.contains(address) && found.count < AddressRound.mostAddresses {
            found.append(address)
        }
        guard !found.isEmpty, found != addresses else { return [] }
        addresses = found
        if let current, found.contains(current), isUp || nextRound == nil {
            left = others(than: current)
            return []
        }
        left = found
        nextRound = nil
        return isUp ? [] : next()
    }

    /// The name has no address, or none that could be found out now.
    mutating func notFound(_ now: Duration) {
        isLookingUp = false
        guard addresses.isEmpty else { return }
        hasFailed = true
        pauseRound(now)
    }

    mutating func up() {
        isUp = true
        hasFailed = false
        nextRound = nil
        wait = AddressRound.pause
        left = current.map { others(than: $0) } ?? []
    }

    mutating func down() { isUp = false }

    /// - isRefusal: the hub there does not know our key.
    mutating func failed(isRefusal: Bool, _ now: Duration) -> [Action] {
        isUp = false
        wasRefused = wasRefused || isRefusal
        guard left.isEmpty else { return next() }
        hasFailed = true
        if nextRound == nil { pauseRound(now) }
        return []
    }

    private mutating func pauseRound(_ now: Duration) {
        nextRound = now + (wasRefused ? AddressRound.refusedPause : wait)
        wait = min(wait * 2, AddressRound.longestPause)
    }

    /// Those after it, then those before it.
    private func others(than address: NumericAddress) -> [NumericAddress] {
        guard let index = addresses.firstIndex(of: address) else { return addresses }
        return Array(addresses[(index + 1)...] + addresses[..<index])
    }
}
