import AlertPost
import Alerts
import Foundation
import Testing
import Wire

/// A directory of its own, removed with the object, and what tests put into an outbox.
final class OutboxFixture {
    let directory: String
    var path: String { directory + "/outbox.db" }

    init() throws {
        directory = NSTemporaryDirectory() + "borderwire-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    static let start = Timestamp(milliseconds: 1_000)

    /// An invented alert that says its epoch and sequence, as a header and a signature do.
    static func draft(_ epoch: UInt64, _ sequence: UInt64, size: Int = 20) -> Outbox.Draft {
        Outbox.Draft(
            id: Array("id \(sequence)".utf8), origin: "KH-9",
            signed: SignedAlert(
                header: Array("header \(epoch) \(sequence)".utf8),
                payload: Array(repeating: UInt8(truncatingIfNeeded: sequence), count: size),
                signature: Array("signature \(epoch) \(sequence)".utf8)))
    }

    /// The whole outbox as sequences that wait.
    static func waiting(_ outbox: Outbox) throws -> [UInt64] {
        try outbox.pending(after: 0, limit: .max).map(\.sequence)
    }
}

func cause(of body: () throws -> Void) -> OutboxError.Cause? {
    do {
        try body()
        return nil
    } catch {
        return (error as? OutboxError)?.cause
    }
}
