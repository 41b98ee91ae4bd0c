public import Identity
public import Platform
internal import Synchronization
public import Wire

/// The hub's keys of a running peer, and the file that keeps them; of several hubs that share a log, those of each, of which one
/// is talked to at a time. From any thread.
public final class KnownHub: Sendable {
    /// What the operator is to be told.
    public enum News: Sendable, Equatable {
        case taken(String)
        case warning(String)
    }

    private struct Hub {
        let file: HubKeyFile?
        var keys: HubKeys
        /// Said once.
        var refused: Succession?
    }

    private struct State {
        var hubs: [Hub]
        /// The place of the one that is talked to.
        var place = 0

        var hub: Hub {
            get { hubs[place] }
            set { hubs[place] = newValue }
        }
    }

    /// The hubs' names, in their order.
    public let names: [String]
    private let state: Mutex<State>

    /// - path: of the file, which need not be there; nil: what is taken over lasts for this run.
    public convenience init(_ configured: PublicKeys, file path: String?) throws(FileError) {
        try self.init([(configured, path)])
    }

    /// - hubs: at least one; the first is talked to.
    public init(_ hubs: [(configured: PublicKeys, file: String?)]) throws(FileError) {
        names = hubs.map(\.configured.name)
        var known: [Hub] = []
        for (configured, path) in hubs {
            let file = path.map { HubKeyFile($0) }
            known.append(Hub(file: file, keys: HubKeys(configured, try file?.read() ?? HubKeys.Kept())))
        }
        state = Mutex(State(hubs: known))
    }

    /// From here on that hub is talked to.
    /// - place: in ``names``.
    public func select(_ place: Int) {
        state.withLock { state in
            if state.hubs.indices.contains(place) { state.place = place }
        }
    }

    /// The one to connect with now.
    public var current: PublicKeys { state.withLock { $0.hub.keys.current } }
    /// All of all hubs, of each that of the settings first.
    public var keys: [PublicKeys] { state.withLock { $0.hubs.flatMap(\.keys.keys) } }

    /// As ``HubKeys/successor``.
    public var successor: PublicKeys? { state.withLock { $0.hub.keys.successor } }

    /// As ``HubKeys/failed(at:)``.
    public func failed(at now: Duration) -> Bool { state.withLock { $0.hub.keys.failed(at: now) } }

    /// A handshake has succeeded. On disk when this returns.
    public func connected() -> News? {
        guard state.withLock({ $0.hub.keys.connected() }) else { return nil }
        return keep("the hub now has the key \(current.fingerprint), which its former key had named")
    }

    /// Over a connection with ``current``. On disk when this returns.
    public func learn(_ succession: Succession?) -> News? {
        guard let succession else { return nil }
        do throws(HubKeys.Refused) {
            guard
                try state.withLock({ state throws(HubKeys.Refused) in try state.hub.keys.learn(succession) })
            else { return nil }
        } catch {
            let isNew = state.withLock { state in
                defer { state.hub.refused = succession }
                return state.hub.refused != succession
            }
            return isNew
                ? .warning("the hub's next key is not taken over: \(error). Ask its operator") : nil
        }
        return keep(
            "the hub will go over to the key \(succession.keys?.fingerprint ?? ""), and has signed that with its own"
        )
    }

    private func keep(_ words: String) -> News {
        let (file, kept) = state.withLock { ($0.hub.file, $0.hub.keys.kept) }
        guard let file else {
            return .warning(
                "\(words); this lasts until the program ends: with state in the settings it is kept")
        }
        do throws(FileError) {
            try file.write(kept)
            return .taken("\(words); kept in \(file.path)")
        } catch {
            return .warning("\(words); that can't be kept: \(error)")
        }
    }
}
