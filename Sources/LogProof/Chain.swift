public import Alerts
internal import Identity
internal import Wire

/// The hashes that commit to the log (PROTOCOL.md, "Chains"): one chain over all of it, and one for each topic, which who
/// reads only some topics can recompute. All are BLAKE2b, 32 bytes.
///
/// A payload enters by its digest, so that a record whose content was erased is verified like any other.
public enum Chain {
    /// Before the first record of the log.
    public static let origin = [UInt8](repeating: 0, count: Checkpoint.hashLength)

    /// Of a record without its deliveries: what the log's chain and those of its topics have in common.
    /// - digest: of the payload (``Seal/digest(of:)``).
    public static func body(
        offset: UInt64, received: Timestamp, header: [UInt8], digest: [UInt8], seal: [UInt8]
    ) -> [UInt8] {
        // A header and a seal tell their own lengths: no byte can be moved from one to the other.
        blake2b { message in
            message.put(recordPrefix)
            message.put(offset)
            message.put(UInt64(bitPattern: received.milliseconds))
            message.put(digest)
            message.put(header)
            message.put(seal)
        }
    }

    /// The log's hash after a record.
    /// - deliveries: all of them, in the order of the alert's provinces.
    public static func log(
        after hash: [UInt8], _ body: [UInt8], _ deliveries: [(topic: UInt32, sequence: UInt64)]
    ) -> [UInt8] {
        blake2b { message in
            message.put(logPrefix)
            message.put(hash)
            message.put(body)
            for delivery in deliveries {
                message.put(UInt64(delivery.topic))
                message.put(delivery.sequence)
            }
        }
    }

    /// A topic's chain before its first delivery. It commits to the topic's name.
    public static func origin(of topic: String) -> [UInt8] { blake2b(topicPrefix, Array(topic.utf8)) }

    /// A topic's chain after the delivery of this number.
    public static func topic(after chain: [UInt8], sequence: UInt64, _ body: [UInt8]) -> [UInt8] {
        blake2b { message in
            message.put(topicPrefix)
            message.put(chain)
            message.put(sequence)
            message.put(body)
        }
    }

    private static let recordPrefix = Array("borderwire record v2\n".utf8)
    private static let logPrefix = Array("borderwire log v2\n".utf8)
    private static let topicPrefix = Array("borderwire topic v2\n".utf8)
}
