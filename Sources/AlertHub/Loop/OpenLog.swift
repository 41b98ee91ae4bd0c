internal import Alerts
internal import AlertStore
internal import Platform

/// The log as a hub has opened it: its own, which it writes alone, or one that it shares with others. Used from the loop's
/// thread.
final class OpenLog {
    /// For how long the loop waits for who is in a read's way: another's lock is told at once, and waited out by the posts.
    static let patience = Duration.milliseconds(100)

    private let backend: any LogBackend
    /// As it was when it was opened.
    let state: LogState
    let writer: LogWriter
    /// nil: the log is this hub's own.
    let shared: SharedSession?
    /// Where older alerts are looked up.
    private(set) var reader: any AlertReader

    init(_ backend: any LogBackend, hub: String, _ provinces: ProvinceDirectory) throws {
        self.backend = backend
        if let log = backend as? any SharedLog {
            let (session, state) = try SharedSession.open(log, hub: hub, provinces)
            self.state = state
            shared = session
            writer = try LogWriter(nil)
        } else {
            let store = try backend.writer()
            state = try store.load()
            shared = nil
            writer = try LogWriter(store)
        }
        // Before the writer commits anything more.
        reader = try backend.reader(patience: OpenLog.patience)
    }

    /// - name: the hub's own, under which it takes the lease of a log that it shares.
    func turn(_ core: HubCore, _ name: String) -> HubTurn {
        shared == nil ? HubTurn(core) : HubTurn(core, sharedBy: name)
    }

    /// After an error that the connection to the store may not outlive.
    func reopen() {
        guard let new = try? backend.reader(patience: OpenLog.patience) else { return }
        try? reader.close()
        reader = new
    }

    /// Call after the threads have ended.
    func close() { writer.close() }
}
