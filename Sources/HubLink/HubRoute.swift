public import Platform
public import Settings
public import ZeroMQ

/// The way to the hub for a program's sockets: which address they connect to, and why it leads nowhere. Used from the thread
/// of the sockets, which are given numeric addresses only: libzmq would look a name up on the thread that serves them all.
public final class HubRoute {
    public typealias Lookup = @Sendable (String) -> Result<[String], LookupFailure>

    /// After so long without a result it is said that a look-up takes long.
    static let slowLookup = Duration.seconds(5)
    /// How long a trial connection may take, and be silent then.
    static let trialPatience = Duration.seconds(4)
    /// After so long without an event a try counts as silent, and a trial finds out why.
    static let silence = Duration.seconds(2)
    /// Between two trials of the same place.
    static let trialPause = Duration.seconds(5)
    /// Obstacles kept that were said, so that each is said once; then all may be said again.
    static let mostTold = 64

    private struct Trial: Sendable {
        var trouble: Attempt.Trouble
        var address: NumericAddress
        var port: Int
        var outcome: ConnectionTrial
    }

    private let hub: HubAddress
    private let lookup: Lookup
    private let looking: BackgroundCall<Result<[String], LookupFailure>>
    private let trying: BackgroundCall<Trial>
    private var round: AddressRound
    private var lookingSince: Duration?
    /// By port, control's among them.
    private var attempts: [Int: Attempt] = [:]
    private var tried: [String: Duration] = [:]
    /// When control's socket last had an event, or was made; nil: its link is up, or it was said already.
    private var quietSince: Duration?
    private var hasMoved = false
    private var told: Set<Obstacle> = []
    private var untold: [Obstacle] = []
    /// Why there is no connection now; nil: there is one, or it is not known yet.
    public private(set) var obstacle: Obstacle?

    /// - now: steady.
    public init(
        _ hub: HubAddress, at now: Duration, lookup: @escaping Lookup = { lookUpAddresses(of: $0) }
    ) throws(PlatformError) {
        self.hub = hub
        self.lookup = lookup
        looking = try BackgroundCall("lookup")
        trying = try BackgroundCall("trial")
        round = AddressRound(hub.host)
        perform(round.start(), now)
        hasMoved = false
    }

    /// Begins anew after a time in which nobody went this way.
    func restart(at now: Duration) {
        forget()
        attempts = [:]
        round = AddressRound(hub.host)
        perform(round.start(), now)
        hasMoved = false
    }

    /// To be polled: when one is readable, ``tend(at:)`` is due.
    public var descriptors: [Int32] { [looking.descriptor, trying.descriptor] }

    /// When ``tend(at:)`` is due at the latest.
    public var nextTick: Duration {
        min(round.nextTick ?? HubRoute.never, slowAt ?? HubRoute.never, silentAt ?? HubRoute.never)
    }

    private static let never = Duration.seconds(Int64.max / 4)

    /// When it is to be said that the look-up takes long; nil: there is none, or another reason is known, or an address.
    private var slowAt: Duration? {
        round.current == nil && obstacle == nil ? lookingSince.map { $0 + HubRoute.slowLookup } : nil
    }

    /// Where a socket for this port of the hub connects to; nil as long as no address is known.
    public func endpoint(port: Int) -> String? { round.current.map { "tcp://" + $0.place(port: port) } }

    /// Whether no address is left that was not tried since the link was up last.
    public var isHopeless: Bool { round.isHopeless }

    /// What the watch of the socket for this port has told.
    /// - Returns: whether a connection was made and the other side ended its handshake, as a hub with another key does.
    @discardableResult
    public func note(_ event: MonitoredSocket.Event, port: Int, at now: Duration) -> Bool {
        // Of the socket that is about to be given up.
        guard !hasMoved else { return false }
        let isControl = port == hub.control
        let trouble = attempts[port, default: Attempt()].note(event)
        if isControl { quietSince = attempts[port]?.isUp == true ? nil : now }
        if event == .handshakeSucceeded {
            if isControl { round.up() }
            if isControl || obstacle?.port == port { forget() }
        } else if event == .disconnected, isControl {
            round.down()
        }
        guard let trouble, let address = round.current else { return false }
        // Of the others only what control does not say too. That our key is refused the socket's owner knows.
        if trouble != .key, isControl || attempts[hub.control]?.isUp == true {
            begin(trouble, address, port, now)
        }
        if isControl { perform(round.failed(isRefusal: trouble == .key, now), now) }
        return trouble == .handshake
    }

    /// The socket for this port was made anew.
    public func renewed(port: Int) { attempts[port] = nil }

    /// Takes over what the threads have found out, and what is due.
    /// - Returns: whether the sockets have to be made anew, for another address.
    public func tend(at now: Duration) -> Bool {
        if let outcome = looking.take() { take(outcome, now) }
        if let trial = trying.take() { take(trial) }
        perform(round.tick(now), now)
        if let silentAt, now >= silentAt, let address = round.current {
            quietSince = nil
            begin(.silence, address, hub.control, now)
        }
        if let slowAt, now >= slowAt {
            meet(.slowLookup(hub.host.description, after: HubRoute.slowLookup))
        }
        defer { hasMoved = false }
        return hasMoved
    }

    /// An obstacle that was not said yet; nil: none. Not before each address was tried.
    public func news() -> Obstacle? {
        guard let first = untold.first,
            isHopeless || first.port.map({ $0 != hub.control }) == true
        else { return nil }
        return untold.removeFirst()
    }

    private var silentAt: Duration? { quietSince.map { $0 + HubRoute.silence } }

    // MARK: What comes of it

    private func take(_ outcome: Result<[String], LookupFailure>, _ now: Duration) {
        lookingSince = nil
        switch outcome {
        case .success(let texts):
            let found = texts.compactMap { NumericAddress($0) }
            guard !found.isEmpty else { return missed("it has none of IPv4 or IPv6", now) }
            if obstacle?.port == nil { forget() }
            perform(round.found(found), now)
        case .failure(let failure):
            missed(failure.words, now)
        }
    }

    private func missed(_ words: String, _ now: Duration) {
        if round.current == nil { meet(.noName(hub.host.description, words)) }
        round.notFound(now)
    }

    private func take(_ trial: Trial) {
        guard attempts[trial.port]?.isUp != true,
            let obstacle = Obstacle(trial.trouble, trial.outcome, trial.address, trial.port)
        else { return }
        meet(obstacle)
    }

    private func meet(_ obstacle: Obstacle) {
        self.obstacle = obstacle
        if told.count >= HubRoute.mostTold { told = [] }
        if told.insert(obstacle).inserted { untold.append(obstacle) }
    }

    private func forget() {
        obstacle = nil
        told = []
        untold = []
    }

    private func perform(_ actions: [AddressRound.Action], _ now: Duration) {
        for action in actions {
            switch action {
            case .connect:
                quietSince = now
                attempts = [:]
                hasMoved = true
            case .lookUp(let name):
                lookingSince = now
                do throws(PlatformError) {
                    try looking.begin { [lookup] in lookup(name) }
                } catch {
                    take(.failure(LookupFailure(words: error.description)), now)
                }
            }
        }
    }

    /// libzmq does not say why a connection could not be made: another one finds out.
    private func begin(_ trouble: Attempt.Trouble, _ address: NumericAddress, _ port: Int, _ now: Duration) {
        let place = address.place(port: port)
        guard !trying.isRunning, tried[place].map({ now >= $0 + HubRoute.trialPause }) ?? true else { return }
        if tried.count >= AddressRound.mostAddresses * 4 { tried = [:] }
        tried[place] = now
        // Without it the reason stays unknown, and all else goes on.
        try? trying.begin {
            Trial(
                trouble: trouble, address: address, port: port,
                outcome: ConnectionTrial.run(
                    address.description, port: port, reading: Obstacle.greeting,
                    patience: HubRoute.trialPatience))
        }
    }
}
