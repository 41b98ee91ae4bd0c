import Provinces
import AlertFeed
import Alerts
import Foundation
import Identity
import Platform
import ProcessHarness
import Settings
import Testing

@Suite("A reader in one's own program")
struct FeedClientTests {
    @Test("gets each alert once over a killed hub, and goes on from its cursor once it was let go")
    func exactlyOnce() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let reading = try Reading(deployment.national)
            let first = try await reading.client()
            _ = try await deployment.post.publish(Draft.many(20), ["--wait", "100s"])
            #expect(try await reading.take(20, from: first) == Array(1...20))
            try await deployment.hub.kill()
            _ = try await deployment.post.publish(Draft.many(10))
            try await deployment.hub.start()
            #expect(try await reading.take(10, from: first) == Array(21...30))
            first.close()
            _ = try await deployment.post.publish(Draft.many(5), ["--wait", "100s"])
            #expect(try first.next(atMost: .zero) == nil, "it has ended")
        }
    }

    @Test("what was given out and not advanced over comes again to the next one, and nothing else")
    func cursor() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let reading = try Reading(deployment.national)
            _ = try await deployment.post.publish(Draft.many(20), ["--wait", "100s"])
            do {
                let client = try await reading.client()
                #expect(try await reading.take(20, from: client, advancingTo: 12) == Array(1...20))
            }
            let next = try await reading.client()
            _ = try await deployment.post.publish(Draft.many(5), ["--wait", "100s"])
            #expect(try await reading.take(13, from: next) == Array(13...25))
        }
    }

    @Test("a key that the hub does not know is an error that names operation, object, cause and way out")
    func refused() async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            try #require(try await deployment.hub.run("revoke", ["national"]).status == 0)
            let reading = try Reading(deployment.national)
            let client = try await reading.client()
            let failure = try await #require(reading.failure(of: client))
            #expect(failure.exitStatus == .noPermission)
            #expect(!failure.object.isEmpty && !failure.cause.isEmpty && !failure.remedy.isEmpty)
        }
    }
}

/// An analyst's settings, and clients with its cursor.
private struct Reading: Sendable {
    let settings: ReaderSettings
    let provinces: ProvinceDirectory

    init(_ analyst: TestAnalyst) throws {
        let bytes = try Files.read(analyst.settings, limit: 65_536)
        settings = try TOMLDocument(text: bytes, file: analyst.settings).decode(ReaderSettings.self)
        provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
    }

    /// Waits until the one before has let go of the cursor, which it does with the thread that used it.
    func client() async throws -> FeedClient {
        let state = try #require(settings.state)
        var query = FeedClient.Query()
        query.start = .after(0, log: nil)
        let end = steadyClock() + Testbed.patience
        while true {
            do {
                return try FeedClient(
                    query, settings, provinces: provinces, cursor: try Cursor("own", directory: state.path))
            } catch let failure as ReaderFailure where failure.exitStatus == .tempFail && steadyClock() < end
            {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// The offsets of the next alerts, each of which must verify.
    /// - place: the cursor goes so far; nil: over all.
    func take(_ count: Int, from client: FeedClient, advancingTo place: UInt64? = nil) async throws
        -> [UInt64]
    {
        try await onThread {
            let end = steadyClock() + Testbed.patience
            var offsets: [UInt64] = []
            while offsets.count < count, steadyClock() < end {
                guard let batch = try client.next(atMost: end - steadyClock()) else { break }
                offsets += batch.alerts.filter { $0.check == .valid }.map(\.streamed.offset)
                if let through = batch.through { try client.advance(to: min(through, place ?? through)) }
            }
            return offsets
        }
    }

    func failure(of client: FeedClient) async throws -> ReaderFailure? {
        try await onThread {
            do throws(ReaderFailure) {
                _ = try client.next(atMost: Testbed.patience)
                return nil
            } catch { return error }
        }
    }
}

/// Runs what blocks on a thread of its own.
private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}
