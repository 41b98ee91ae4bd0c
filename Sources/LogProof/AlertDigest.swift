internal import Identity
package import Alerts

/// Which very bytes of an alert the hub has seen (PROTOCOL.md, "refused"): a post tells by it whether they were its own.
package func digest(of alert: SignedAlert) -> [UInt8] {
    blake2b(alert.header, alert.payload, alert.signature)
}
