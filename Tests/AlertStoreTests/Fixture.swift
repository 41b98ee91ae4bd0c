import Alerts
import Foundation
import MemoryStore
import PostgresLog
import PostgresServer
import Testing

@testable import AlertStore

/// A directory of its own, removed with the object.
final class Directory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "borderwire-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }
}

/// The stores that the contract is tested on.
enum Backend: CaseIterable {
    /// As a hub has it: what these tests write is too little to be indexed.
    case sqlite
    /// Every batch is indexed at once.
    case sqliteIndexed
    case memory
    /// A database of its own on the tests' own server.
    case postgres

    /// Not that one where PostgreSQL can't run.
    static let allCases: [Backend] =
        [.sqlite, .sqliteIndexed, .memory] + (PostgresServer.shared == nil ? [] : [.postgres])
}

extension Backend {
    /// Each store once.
    static let stores: [Backend] = allCases.filter { $0 != .sqliteIndexed }
}

/// A log with one writer and one reader.
struct Log {
    let backend: any LogBackend
    let writer: any AlertWriter
    let reader: any AlertReader
    private let directory: Directory?
    private let database: TestDatabase?

    init(_ backend: Backend) throws {
        switch backend {
        case .sqlite, .sqliteIndexed:
            let directory = try Directory()
            self.directory = directory
            database = nil
            let place = SQLiteBackend(directory: directory.path)
            self.backend = place
            writer =
                backend == .sqlite
                ? try place.writer() : try SQLiteWriter(path: place.location, indexStride: 1)
        case .memory:
            directory = nil
            database = nil
            self.backend = MemoryLog()
            writer = try self.backend.writer()
        case .postgres:
            directory = nil
            let database = try #require(PostgresServer.shared).database()
            self.database = database
            self.backend = PostgresBackend(database.place())
            writer = try self.backend.writer()
        }
        reader = try self.backend.reader()
    }
}

/// Makes batches that continue a log, as a hub would.
struct Script {
    var offset: UInt64 = 0
    var received: Int64 = 1_000
    var sequences: [String: UInt64] = [:]
    var topics: [UInt32: UInt64] = [:]
    var epoch: UInt64 = 7

    /// One alert; its id is its offset, its payload says so.
    mutating func record(
        from post: String = "koh-kong", on topics: [UInt32] = [1], references: [UInt64] = [], size: Int = 40
    ) -> Record {
        offset += 1
        received += 10
        sequences[post, default: 0] += 1
        let deliveries = topics.map { topic in
            self.topics[topic, default: 0] += 1
            return Record.Delivery(topic: topic, sequence: self.topics[topic] ?? 0)
        }
        return Record(
            offset: offset, post: post, epoch: epoch, sequence: sequences[post] ?? 0,
            received: Timestamp(milliseconds: received), alert: Script.id(offset),
            references: references.map(Script.id), deliveries: deliveries,
            signed: SignedAlert(
                header: Array("header \(offset)".utf8),
                payload: Array(repeating: UInt8(truncatingIfNeeded: offset), count: size),
                signature: Array(repeating: 0x51, count: 64)),
            hash: Array(repeating: UInt8(truncatingIfNeeded: offset), count: 32))
    }

    /// The batch of these records; topics that `known` lacks are new in it.
    func batch(_ records: [Record], known: Set<UInt32> = []) -> Batch {
        var batch = Batch()
        batch.records = records
        let used = Set(records.flatMap(\.deliveries).map(\.topic)).subtracting(known).sorted()
        batch.newTopics = used.map { Script.topic($0) }
        for post in Set(records.map(\.post)).sorted() {
            batch.positions.append(Position(post: post, epoch: epoch, through: sequences[post] ?? 0))
        }
        return batch
    }

    static func topic(_ number: UInt32, sequence: UInt64 = 0) -> TopicHead {
        TopicHead(
            number: number, topic: Topic(country: "kh", province: "invented-\(number)", kind: .suspect),
            sequence: sequence)
    }

    static func id(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array(repeating: 0, count: 8) + Array($0) }
    }
}

func refusal(_ sequence: UInt64, post: String = "koh-kong", epoch: UInt64 = 7, reason: String = "") -> Refusal
{
    Refusal(
        post: post, epoch: epoch, sequence: sequence, received: Timestamp(milliseconds: 5_000),
        code: "schema",
        reason: reason.isEmpty ? "refused \(sequence)" : reason)
}

func cause(of body: () throws -> Void) -> StoreError.Cause? {
    do {
        try body()
        return nil
    } catch {
        return (error as? StoreError)?.cause
    }
}
