import AlertStore
import CLinux
import Glibc
import Platform
public import PostgreSQL
public import PostgresLog
import Synchronization

/// A PostgreSQL server of its own in a temporary directory, on a local socket only. It ends, and its directory is removed, with the
/// object, and also when this process dies, however that happens.
public final class PostgresServer: Sendable {
    /// Debian's, the newest of those that the tests were written for.
    static let programs = "/usr/lib/postgresql/15/bin"

    /// One for the whole process, whose disk is trusted with nothing; nil where PostgreSQL can't run, which is said once.
    public static let shared: PostgresServer? = {
        do {
            return try PostgresServer(["fsync=off", "full_page_writes=off", "synchronous_commit=off"])
        } catch {
            let words = "\n################ PostgreSQL: NOT RUN, NOTHING OF IT IS TESTED: \(error)\n\n"
            _ = write(STDERR_FILENO, words, words.utf8.count)
            return nil
        }
    }()

    public let directory: String
    private let shell: ServerShell
    private let made = Mutex(0)

    /// - settings: `NAME=VALUE`.
    public init(_ settings: [String] = []) throws {
        try ServerShell.requirePrograms()
        directory = try ServerShell.makeDirectory()
        shell = try ServerShell(
            PostgresServer.script,
            [directory, ServerShell.user, PostgresServer.programs] + settings.flatMap { ["-c", $0] })
        try start()
        try migrateTemplate()
    }

    /// A shell that is told `start`, `crash` or `stop`, and ends and removes all once nobody can tell it anything any more.
    private static let script = """
        cd "$1" || exit 1; trap '' INT TERM HUP; umask 077; directory=$1 user=$2 programs=$3 pid=; shift 3
        as() { if [ -n "$user" ]; then exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"; else exec "$@"; fi; }
        (as "$programs/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync) \
            >"$directory/initdb.log" 2>&1
        end() { if [ -n "$pid" ]; then kill "-$1" "$pid"; wait "$pid"; pid=; fi; }
        while read -r order; do
            case $order in
            start)
                end QUIT
                (trap - INT TERM HUP
                 as "$programs/postgres" -D "$directory/data" -k "$directory" -c listen_addresses= -c max_connections=300 \
                    -c shared_buffers=32MB "$@") >>"$directory/log" 2>&1 </dev/null &
                pid=$! ;;
            crash) end QUIT ;;
            stop) end INT ;;
            esac
        done
        end QUIT; cd /
        rm -rf -- "$directory"
        """

    /// Returns once it answers.
    public func start() throws {
        shell.order("start")
        let end = steadyClock() + .seconds(60)
        while true {
            do {
                try connect("postgres").close()
                return
            } catch {
                guard steadyClock() < end else {
                    throw Failure("PostgreSQL does not start: \(error): \(log)", status: .unavailable)
                }
                sleep(.milliseconds(50))
            }
        }
    }

    /// Ends it at once, as a crash does: what was not on disk is lost.
    public func crash() { shell.order("crash") }

    /// What it and initdb have said.
    public var log: String {
        ["/initdb.log", "/log"].map { name in
            var text = ""
            if let file = fopen(directory + name, "r") {
                var line = [CChar](repeating: 0, count: 1_024)
                while fgets(&line, Int32(line.count), file) != nil {
                    text += String(
                        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                }
                fclose(file)
            }
            return text
        }.joined()
    }

    /// As the superuser.
    public func connect(_ database: String) throws -> Connection {
        let server = Server(parameters: ["host": directory, "dbname": database, "user": "postgres"])
        return try Connection(server, deadline: .seconds(60))
    }

    private static let template = "template_borderwire"

    private func migrateTemplate() throws {
        let connection = try connect("postgres")
        try connection.execute("CREATE DATABASE \(PostgresServer.template)")
        connection.close()
        var place = PostgresPlace(servers: "host=\(directory) dbname=\(PostgresServer.template)", hub: "none")
        place.deadline = .seconds(60)
        _ = try PostgresMigration.run(place, as: "postgres")
    }

    /// A database of its own with an empty log; dropped with the object.
    public func database() throws -> TestDatabase {
        try made.withLock { made in
            made += 1
            let name = "log_\(made)"
            let connection = try connect("postgres")
            // The last session with the template may still be ending.
            try connection.execute(
                "CREATE DATABASE \(name) TEMPLATE \(PostgresServer.template)")
            connection.close()
            return TestDatabase(server: self, name: name)
        }
    }
}

/// A database with a log.
public final class TestDatabase: Sendable {
    public let server: PostgresServer
    public let name: String

    init(server: PostgresServer, name: String) {
        self.server = server
        self.name = name
    }

    deinit {
        guard let connection = try? server.connect("postgres") else { return }
        try? connection.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    public var servers: String { "host=\(server.directory) dbname=\(name)" }

    /// For a machine that is busy with other tests. Whoever has the place keeps the database.
    public func place(hub: String = "hub") -> PostgresPlace {
        var place = PostgresPlace(servers: servers, hub: hub)
        place.deadline = .seconds(60)
        place.patience = .milliseconds(300)
        place.password = { [self] () throws(StoreError) in withExtendedLifetime(self) { nil } }
        return place
    }

    public func connect() throws -> Connection { try server.connect(name) }

    public func execute(_ script: String) throws { try connect().execute(script) }
}
