import Alerts
public import AlertStore
import Synchronization

/// A log in memory: what a ``MemoryStore`` has committed and ``MemoryReader``s read, from any thread. It ends with the object.
public final class MemoryLog: LogBackend {
    struct State {
        var log: UInt64
        var tail = LogTail()
        /// The record at offset n is at n - 1.
        var records: [Record] = []
        var refusals: [Refusal] = []
        var refused: UInt64 = 0
        var fault: StoreError?
        /// Who began in an earlier one writes no more.
        var term: UInt64 = 1
        var isHeld = false
        /// Who has the lease; empty: nobody.
        var holder = ""
        /// Of the hubs that share it, by name.
        var sessions: [String: Session] = [:]
        var isAway = false
        var handed: [HandedReceipt] = []
        var lastHanded: UInt64 = 0
        var registry: [RegistryVersion] = []
        var paged: Set<UInt64> = []
        var isPaging = false
        var erasersOpened = 0
        var isRegistryUnreadable = false
        var isAnswerLost = false
        var judged: UInt64 = 0
        var retention: [RetentionEntry] = []
        var receipts: [Receipt] = []
        var duty: [DutyChange] = []
        /// By offset.
        var progress: [AlertProgress] = []
        var escalations: [EscalationRow] = []
        var outages: [Outage] = []
        /// By number; nil before it is made.
        var audit: [AuditEvent]?
        var audited: UInt64 = 0
    }

    let state: Mutex<State>
    public let location = "memory"
    public let auditLocation = "memory (audit)"
    public let files: [String] = []

    public init(log: UInt64 = UInt64.random(in: 1...UInt64(Int64.max))) {
        state = Mutex(State(log: log))
    }

    /// Makes the next commit throw this and change nothing, as a disk would.
    public func failNextCommit(with error: StoreError) {
        state.withLock { $0.fault = error }
    }

    /// Another hub takes over the writing.
    public func beginTerm(of hub: String = "another") {
        state.withLock { state in
            state.term += 1
            state.holder = hub
        }
    }

    public func isInUse() -> Bool { state.withLock { $0.isHeld } }
    public func isMade() -> Bool { true }
    public func isAuditMade() -> Bool { state.withLock { $0.audit != nil } }

    public func writer() throws(StoreError) -> any AlertWriter { try MemoryStore(holding: self) }
    public func reader(patience: Duration?) -> any AlertReader { MemoryReader(self) }
    public func inspector() -> any LogInspector { MemoryReader(self) }
    public func eraser() -> any AlertEraser {
        state.withLock { $0.erasersOpened += 1 }
        return MemoryEraser(self)
    }

    public var erasersOpened: Int { state.withLock { $0.erasersOpened } }

    public func audit() -> any AuditLog {
        state.withLock { $0.audit = $0.audit ?? [] }
        return MemoryAudit(self)
    }

    public func auditReader() throws(StoreError) -> any AuditReader {
        guard isAuditMade() else {
            throw StoreError(operation: "open", path: auditLocation, cause: .missing, detail: "there is none")
        }
        return MemoryAudit(self)
    }

    public func backup(to file: String) throws(StoreError) -> any LogCopy { throw notOffered("copy") }
    public func restore(from file: String) throws(StoreError) -> any LogCopy { throw notOffered("restore") }
    public func auditBackup(beside file: String) -> String { file + ".audit" }
    public func backupAudit(to file: String) throws(StoreError) { throw notOffered("copy") }
    public func restoreAudit(from file: String) throws(StoreError) { throw notOffered("restore") }

    private func notOffered(_ operation: String) -> StoreError {
        StoreError(
            operation: operation, path: location, cause: .other, detail: "a log in memory has no backup")
    }
}
