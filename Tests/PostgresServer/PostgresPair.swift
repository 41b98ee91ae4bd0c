import AlertStore
import Glibc
import Platform
public import PostgreSQL
import PostgresLog
import Synchronization

/// A primary and a synchronous standby, as two machines have them: each with a directory, an address and processes of its own, on a
/// disk that is trusted. Whoever holds the pair is their supervisor: it kills, freezes and promotes. From any thread, one call at a
/// time.
public final class PostgresPair: Sendable {
    public static let database = "borderwire"
    public static let port = 5432
    private static let names = ["db_a", "db_b"]
    private static let patience = Duration.seconds(60)

    /// Where each of the two listens.
    public let addresses: [String]
    private let nodes: [PostgresNode]
    private let first = Mutex(0)

    /// Which of the two is the primary.
    public var primary: Int { first.withLock { $0 } }
    public var standby: Int { 1 - primary }

    /// Makes both, with an empty log. Takes some seconds.
    public init() throws {
        let network = (0..<2).map { _ in String(UInt8.random(in: 2...250)) }.joined(separator: ".")
        addresses = (1...2).map { "127.\(network).\($0)" }
        nodes = try zip(PostgresPair.names, addresses).map { try PostgresNode($0, $1) }
        try nodes[0].carryOut("make")
        try start(0)
        try admin("CREATE DATABASE \(PostgresPair.database)", of: "postgres")
        var place = PostgresPlace(servers: servers, hub: "none")
        place.deadline = PostgresPair.patience
        _ = try PostgresMigration.run(place, as: "postgres")
        try rejoin()
    }

    /// As `[store]` takes it.
    public var servers: String { PostgresPair.servers(addresses) }

    /// The same by other addresses, e.g. of something that stands between.
    public static func servers(_ addresses: [String]) -> String {
        "host=\(addresses.joined(separator: ",")) port=\(port) dbname=\(database)"
    }

    /// As the superuser, to the primary or to the one given.
    public func connect(_ node: Int? = nil, _ database: String = PostgresPair.database) throws -> Connection {
        let address = addresses[node ?? primary]
        let server = Server(parameters: [
            "host": address, "port": String(PostgresPair.port), "dbname": database, "user": "postgres",
        ])
        return try Connection(server, deadline: .seconds(10))
    }

    /// What the log says of itself: its head, the name of the hub that has the lease, and its term.
    public func log() throws -> (head: UInt64, holder: String, term: UInt64) {
        let connection = try connect()
        defer { connection.close() }
        guard let row = try connection.query("SELECT head, holder, term FROM borderwire.log").first else {
            throw Failure("the log has no row", status: .dataError)
        }
        return (row.unsigned(0), row.text(1), row.unsigned(2))
    }

    // MARK: What a supervisor does

    /// SIGKILL of all its processes at the same moment, as when a machine burns.
    public func kill(_ node: Int) throws { try nodes[node].carryOut("kill") }

    /// SIGSTOP of all its processes; and SIGCONT.
    public func freeze(_ node: Int) throws { try nodes[node].carryOut("freeze") }
    public func wake(_ node: Int) throws { try nodes[node].carryOut("wake") }

    /// Starts what was killed, as what it was. Returns once it answers.
    public func start(_ node: Int) throws {
        try nodes[node].carryOut("start")
        try wait("\(addresses[node]) to answer") { try connect(node, "postgres").close() }
    }

    /// Makes the standby the primary. It waits for no standby of its own until ``rejoin()``: with two servers, one is left.
    public func promote() throws {
        let next = standby
        let connection = try connect(next, "postgres")
        defer { connection.close() }
        try connection.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        try connection.execute("SELECT pg_reload_conf(); SELECT pg_promote(true, 30)")
        first.withLock { $0 = next }
    }

    /// Makes the other one a standby, from a copy of the primary, and has commits wait for it. What the other had is gone.
    public func rejoin() throws {
        let node = nodes[standby]
        try node.carryOut("kill")
        try node.carryOut("clone \(addresses[primary])")
        try start(standby)
        try admin("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (\(node.name))'")
        try admin("SELECT pg_reload_conf()")
        try waitForStandby()
    }

    /// Until commits reach the standby.
    public func waitForStandby() throws {
        try wait("the standby to be in step") {
            let connection = try connect(nil, "postgres")
            defer { connection.close() }
            let rows = try connection.query("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
            guard !rows.isEmpty else { throw Failure("no standby is in step", status: .tempFail) }
        }
    }

    private func admin(_ sql: String, of database: String = "postgres") throws {
        let connection = try connect(nil, database)
        defer { connection.close() }
        try connection.execute(sql)
    }

    private func wait(_ what: String, _ body: () throws -> Void) throws {
        let end = steadyClock() + PostgresPair.patience
        while true {
            do { return try body() } catch {
                guard steadyClock() < end else {
                    throw Failure("waited for \(what): \(error)", status: .tempFail)
                }
                sleep(.milliseconds(20))
            }
        }
    }
}

/// One of the two.
private final class PostgresNode: Sendable {
    let name: String
    private let shell: ServerShell

    init(_ name: String, _ address: String) throws {
        try ServerShell.requirePrograms()
        self.name = name
        let directory = try ServerShell.makeDirectory()
        shell = try ServerShell(
            PostgresNode.script,
            [directory, ServerShell.user, PostgresServer.programs, address, String(PostgresPair.port), name])
    }

    func carryOut(_ words: String) throws { try shell.carryOut(words) }

    /// The postmaster is stopped before its children are killed: it would start them anew.
    private static let script = """
        cd "$1" || exit 1; trap '' INT TERM HUP; umask 077; directory=$1 user=$2 programs=$3 address=$4 port=$5 name=$6 pid=
        as() { if [ -n "$user" ]; then exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"; else exec "$@"; fi; }
        children() { cat "/proc/$pid/task/$pid/children"; }
        end() {
            [ -n "$pid" ] || return 0
            kill -STOP "$pid"; kill -KILL $(children) "$pid" 2>/dev/null; wait "$pid"; pid=
        }
        carry_out() {
            case $1 in
            make) (as "$programs/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync) ;;
            clone)
                rm -rf "$directory/data"
                (as "$programs/pg_basebackup" -h "$2" -p "$port" -U postgres -D "$directory/data" -R -X stream -c fast --no-sync) ;;
            start)
                (trap - INT TERM HUP
                 as "$programs/postgres" -D "$directory/data" -k "$directory" -c listen_addresses="$address" -c port="$port" \
                    -c cluster_name="$name" -c max_connections=60 -c shared_buffers=32MB -c wal_retrieve_retry_interval=100ms) &
                pid=$! ;;
            kill) end ;;
            # A child may be gone by then.
            freeze) kill -STOP "$pid"; kill -STOP $(children) || : ;;
            wake) kill -CONT $(children) || : ; kill -CONT "$pid" ;;
            esac
        }
        while read -r order place; do
            if carry_out "$order" "$place" >>"$directory/log" 2>&1 </dev/null; then echo done
            else tail -n 1 "$directory/log" | tr -d "\\n"; echo " (failed)"; fi
        done
        end 2>/dev/null; cd /
        rm -rf -- "$directory"
        """
}
