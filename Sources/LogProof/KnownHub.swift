public import Identity
public import Platform
internal import Synchronization
public import Wire

/// The hub's keys of a running peer, and the file that keeps them. From any thread.
public final class KnownHub: Sendable {
    /// What the operator is to be told.
    public enum News: Sendable, Equatable {
        case taken(String)
        case warning(String)
    }

    private struct State {
        var keys: HubKeys
        /// Said once.
        var refused: Succession?
    }

    private let file: HubKeyFile?
    private let state: Mutex<State>

    /// - path: of the file, which need not be there; nil: what is taken over lasts for this run.
    public init(_ configured: PublicKeys, file path: String?) throws(FileError) {
        file = path.map { HubKeyFile($0) }
        let kept = try file?.read() ?? HubKeys.Kept()
        state = Mutex(State(keys: HubKeys(configured, kept)))
    }

    /// The one to connect with now.
    public var current: PublicKeys { state.withLock { $0.keys.current } }
    /// All of them, the first that of the settings.
    public var keys: [PublicKeys] { state.withLock { $0.keys.keys } }

    /// As ``HubKeys/successor``.
    public var successor: PublicKeys? { state.withLock { $0.keys.successor } }

    /// As ``HubKeys/failed(at:)``.
    public func failed(at now: Duration) -> Bool { state.withLock { $0.keys.failed(at: now) } }

    /// A handshake has succeeded. On disk when this returns.
    public func connected() -> News? {
        guard state.withLock({ $0.keys.connected() }) else { return nil }
        return keep("the hub now has the key \(current.fingerprint), which its former key had named")
    }

    /// Over a connection with ``current``. On disk when this returns.
    public func learn(_ succession: Succession?) -> News? {
        guard let succession else { return nil }
        do throws(HubKeys.Refused) {
            guard
                try state.withLock({ state throws(HubKeys.Refused) in try state.keys.learn(succession) })
            else { return nil }
        } catch {
            let isNew = state.withLock { state in
                defer { state.refused = succession }
                return state.refused != succession
            }
            return isNew
                ? .warning("the hub's next key is not taken over: \(error). Ask its operator") : nil
        }
        return keep(
            "the hub will go over to the key \(succession.keys?.fingerprint ?? ""), and has signed that with its own"
        )
    }

    private func keep(_ words: String) -> News {
        guard let file else {
            return .warning(
                "\(words); this lasts until the program ends: with state in the settings it is kept")
        }
        do throws(FileError) {
            try file.write(state.withLock { $0.keys.kept })
            return .taken("\(words); kept in \(file.path)")
        } catch {
            return .warning("\(words); that can't be kept: \(error)")
        }
    }
}
