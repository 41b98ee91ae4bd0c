import AlertStore
import PostgreSQL

/// Reads a shared log as others write it: a notification is only a hint, what is read is what counts.
final class PostgresFollower: LogFollower {
    private let session: Session
    private let reader = RecordReader()

    init(_ place: PostgresPlace, seen: SeenLog) throws(StoreError) {
        session = Session(place, seen: seen, preparation: "LISTEN borderwire;")
        try session.run("follow") { _ throws(PostgresError) in }
    }

    func state() throws(StoreError) -> LogState {
        try session.read("follow") { connection throws(PostgresError) in try TailRows(connection).state }
    }

    func records(after offset: UInt64, limit: Int) throws(StoreError) -> FollowedRecords {
        try session.run("follow") { connection throws(PostgresError) in
            let found = try reader.records(
                connection, after: offset, through: LogTail.greatest, limit: max(limit, 1))
            var followed = FollowedRecords(records: found, newTopics: [], positions: [])
            let first = Set(found.flatMap(\.deliveries).filter { $0.sequence == 1 }.map(\.topic))
            followed.newTopics = try RecordReader.topics(connection, first)
            followed.positions = try positions(of: Set(found.map(\.post)), connection)
            return followed
        }
    }

    private func positions(
        of posts: Set<String>, _ connection: Connection
    ) throws(PostgresError) -> [Position] {
        guard !posts.isEmpty else { return [] }
        var arguments = Arguments()
        arguments.add(array: posts.sorted())
        return try connection.query(
            "SELECT post, epoch, through FROM positions WHERE post = ANY($1) ORDER BY current, post, epoch",
            arguments
        ).map { row in
            Position(
                post: row.text(0), epoch: UInt64(bitPattern: row.integer(1)), through: row.unsigned(2))
        }
    }

    func wait(_ longest: Duration) throws(StoreError) {
        try session.run("follow") { connection throws(PostgresError) in
            _ = try connection.waitForNotification(longest)
        }
    }

    func close() { session.close() }
}

@available(*, unavailable)
extension PostgresFollower: Sendable {}
