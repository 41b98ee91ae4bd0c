internal import Alerts
internal import Identity
internal import Platform
internal import Settings
internal import Wire

/// `borderwire-post new-epoch`: the operator's word that the numbers of this epoch are given up, because the hub's and the
/// outbox's no longer fit together (an outbox or a hub that was restored from an older copy).
public struct NewEpoch {
    public struct Report: Sendable, Equatable {
        /// 16 hexadecimal digits each.
        public var former: String
        public var epoch: String
        /// Alerts that were waiting, and now wait under the new epoch.
        public var moved: Int
    }

    private let settings: PostSettings
    private let keys: IdentityKeys
    private let outbox: Outbox

    public init(_ settings: PostSettings) throws {
        self.settings = settings
        keys = try KeyFiles.readSecret(settings.key.path)
        try Files.expectPrivate(settings.state.path)
        outbox = try Outbox.open(path: settings.outboxFile, limit: settings.outbox.most)
    }

    /// Alerts that wait for the hub.
    public func waiting() throws -> Int { try outbox.summary().depth }

    /// Seals every waiting alert anew under the new epoch, in order, from sequence 1; a running daemon goes on with it.
    public func run() throws -> Report {
        let former = try outbox.summary()
        let epoch = try outbox.startNewEpoch { (entry, epoch, sequence) throws(OutboxError) in
            guard var header = try? PostHeader(decoding: entry.signed.header) else {
                throw OutboxError(
                    operation: "begin a new epoch in", path: settings.outboxFile, cause: .damaged,
                    detail: "the header of sequence \(entry.sequence) is none",
                    remedy: "Keep the file for examination")
            }
            (header.epoch, header.sequence) = (epoch, sequence)
            let bytes = header.encoded()
            let seals = Seal.sign([(bytes, Seal.digest(of: entry.signed.payload))], with: keys.signing)
            return SignedAlert(header: bytes, payload: entry.signed.payload, signature: seals[0])
        }
        try DaemonContact(settings).notify(watch: false)
        return Report(
            former: HexNumber(former.epoch).description, epoch: HexNumber(epoch).description,
            moved: former.depth)
    }
}
