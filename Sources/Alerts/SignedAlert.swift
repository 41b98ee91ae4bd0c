/// An alert as its post signed it. From the post's disk to every reader its bytes stay as they are.
public struct SignedAlert: Sendable, Equatable {
    /// A post header's (PROTOCOL.md, "Post header").
    public var header: [UInt8]
    /// Empty where the post gave the alert up, and once its content is erased.
    public var payload: [UInt8]
    /// The seal over both (PROTOCOL.md, "Signature").
    public var signature: [UInt8]

    public init(header: [UInt8], payload: [UInt8], signature: [UInt8]) {
        self.header = header
        self.payload = payload
        self.signature = signature
    }

    /// Bytes of all three.
    public var size: Int { header.count + payload.count + signature.count }
}
