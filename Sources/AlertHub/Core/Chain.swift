internal import Alerts
internal import AlertStore
internal import Identity
internal import LogProof

extension Record {
    /// What stands for the payload in chains and seal, also once it is erased.
    var payloadDigest: [UInt8] { erased ?? Seal.digest(of: signed.payload) }

    /// What goes into both the log's chain and the chains of the record's topics.
    func body(digest: [UInt8]) -> [UInt8] {
        Chain.body(
            offset: offset, received: received, header: signed.header, digest: digest, seal: signed.signature)
    }

    /// The log's hash after this record.
    func hash(after previous: [UInt8], _ body: [UInt8]) -> [UInt8] {
        Chain.log(after: previous, body, deliveries.map { ($0.topic, $0.sequence) })
    }
}
