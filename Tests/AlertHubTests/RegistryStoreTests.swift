import AlertStore
import Alerts
import Foundation
import MemoryStore
import Platform
import PostgreSQL
import PostgresLog
import PostgresServer
import Testing

@testable import AlertHub

/// The file, and the log that hubs share, in memory and in PostgreSQL.
@Suite("The door to the registry")
struct RegistryStoreTests {
    enum Place: String, CaseIterable, Sendable {
        case file, memory, postgres

        static let shared = there.filter { $0 != .file }
        static let there = allCases.filter { $0 != .postgres || PostgresServer.shared != nil }
    }

    /// A registry of a test's own; its directory goes with it.
    final class Door: Sendable {
        let directory: String
        let file: RegistryFile
        let store: any RegistryStore
        /// nil: it is the file.
        let log: (any SharedLog)?

        init(_ place: Place) throws {
            let directory = NSTemporaryDirectory() + "registry-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            let file = RegistryFile(path: directory + "/registry.toml", provinces: Reference.provinces)
            let log: (any SharedLog)?
            switch place {
            case .file: log = nil
            case .memory: log = MemoryLog()
            case .postgres:
                let database = try #require(PostgresServer.shared).database()
                log = PostgresBackend(database.place(hub: "hub-a"))
            }
            if let log { store = SharedRegistry(log, former: file, hub: "hub-a") } else { store = file }
            (self.directory, self.file, self.log) = (directory, file, log)
        }

        deinit { try? FileManager.default.removeItem(atPath: directory) }
    }

    private let identities = (0..<6).map {
        Actor("post-\($0)", publish: Reference.grant("koh-kong")).registered
    }

    @Test("of changes that are made at once none is lost", arguments: Place.there)
    func atOnce(place: Place) async throws {
        let door = try Door(place)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for identity in identities {
                group.addTask {
                    let end = ContinuousClock.now + .seconds(60)
                    while true {
                        do { return try door.store.change { $0.append(identity) } } catch {
                            // The file is another's for a moment, and its command says so.
                            guard (error as? Failure)?.exitStatus == .tempFail, ContinuousClock.now < end
                            else { throw error }
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let read = try door.store.read().identities
        #expect(read.map(\.name).sorted() == identities.map(\.name))
        #expect(
            read.allSatisfy { one in identities.contains(one) })
        if let log = door.log {
            let history = try log.registry().history(limit: 100)
            #expect(history.map(\.number) == Array((1...UInt64(identities.count)).reversed()))
            #expect(history.allSatisfy { $0.who.hasSuffix("@hub-a") })
        }
    }

    @Test("a text that is no registry is not put there, and a kept one comes back", arguments: Place.there)
    func replaced(place: Place) throws {
        let door = try Door(place)
        #expect(try door.store.read() == Registry())
        #expect(try door.store.text().isEmpty)
        try door.store.change { $0 = identities }
        let kept = try door.store.text()
        for text in ["", "count = 3\n", "[[identity]]\nname = 7\n", "\u{0}"] {
            #expect(throws: (any Error).self) { try door.store.replace(with: Array(text.utf8)) }
        }
        #expect(try door.store.text() == kept)
        struct Refusal: Error {}
        #expect(throws: Refusal.self) { try door.store.change { _ in throw Refusal() } }
        #expect(try door.store.text() == kept)
        try door.store.change { $0.removeAll() }
        #expect(try door.store.read() == Registry())
        try door.store.replace(with: kept)
        #expect(try door.store.read() == Registry(identities))
    }

    @Test(
        "a version that is damaged is named and changed by nobody, until a text is put there",
        arguments: Place.shared)
    func damaged(place: Place) throws {
        let door = try Door(place)
        let log = try #require(door.log)
        try door.store.change { $0 = identities }
        let kept = try door.store.text()
        let versions = try log.registry()
        let damaged = RegistryVersion(
            number: 2, at: Timestamp(milliseconds: 0), who: "nobody", text: Array("count = 9\n".utf8))
        #expect(try versions.add(damaged))
        #expect(try !versions.add(damaged), "a number is given once")
        let works: [() throws -> Void] = [
            { _ = try door.store.read() }, { try door.store.change { _ in } },
        ]
        for work in works {
            do {
                try work()
                Issue.record("it was taken")
            } catch {
                #expect("\(error)".contains("version 2 of the registry"), "\(error)")
            }
        }
        #expect(try versions.newestNumber() == 2)
        try door.store.replace(with: kept)
        #expect(try door.store.read() == Registry(identities))
        #expect(try versions.newestNumber() == 3)
    }

    @Test(
        "where a file has identities and the log has none yet, nobody begins without them",
        arguments: Place.shared)
    func former(place: Place) throws {
        let door = try Door(place)
        try door.file.write(Registry(identities))
        let works: [() throws -> Void] = [
            { _ = try door.store.read() }, { try door.store.change { _ in } },
        ]
        for work in works {
            do {
                try work()
                Issue.record("the file's are forgotten")
            } catch {
                #expect("\(error)".contains("registry replace \(door.file.path)"), "\(error)")
            }
        }
        try door.store.replace(with: try door.file.text())
        #expect(try door.store.read() == Registry(identities))
        // From then on the file is nothing.
        try door.store.change { $0.removeFirst() }
        #expect(try door.store.read().identities.count == identities.count - 1)
    }

    @Test(
        "the hub's user can't change the registry, and the operator's can neither change a version nor read alerts",
        .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"))
    func roles() throws {
        let database = try #require(PostgresServer.shared).database()
        let connection = try database.connect()
        func isRefused(_ role: String, _ sql: String) throws -> Bool {
            defer { try? connection.execute("RESET ROLE") }
            try connection.execute("SET search_path = borderwire; SET ROLE \(role)")
            do { try connection.execute(sql) } catch { return error.state == "42501" }
            return false
        }
        let insert = "INSERT INTO registry (version, at, who, text) VALUES (1, 0, '', '')"
        #expect(try isRefused("borderwire_hub", insert))
        #expect(try !isRefused("borderwire_operator", insert))
        for role in ["borderwire_hub", "borderwire_operator"] {
            #expect(try isRefused(role, "UPDATE registry SET text = ''"))
            #expect(try isRefused(role, "DELETE FROM registry"))
        }
        for table in ["alerts", "contents", "audit", "receipts"] {
            #expect(try isRefused("borderwire_operator", "SELECT * FROM \(table)"))
        }
        withExtendedLifetime(database) {}
    }
}
