/// Everything in Borderwire that takes bytes of a peer or of a file, one input each (Tests/fuzz/README.md).
///
/// The fuzzer and the tests run the same: whatever the bytes, a decoder ends with a value or an error, and a value is what
/// its bytes say: written and read again it is the same.
public enum FuzzedDecoder: String, CaseIterable, Sendable {
    // From peers.
    case postHeader = "post-header"
    case ingest
    case batch
    case feed
    case page
    case request
    case reply
    case topic
    case ranges
    case seal
    case chainProof = "chain-proof"
    // Conversations: message after message, as peers that keep to nothing send them.
    case hub
    case post
    case stream
    // What peers and officers write.
    case json
    case alert
    case draft
    case drafts
    case cap
    case printed
    case time
    // Files.
    case hubSettings = "hub-settings"
    case postSettings = "post-settings"
    case analystSettings = "analyst-settings"
    case provinces
    case subdivisions
    case registry
    case publicKey = "public-key"
    case secretKey = "secret-key"
    case checkpoint
    case cursor
    case packing
    case endpoints
    case clock
    case accessList = "access-list"
    case postStatus = "post-status"
    // Between programs of one machine.
    case desk

    /// Inputs longer than this show nothing that shorter ones don't; bytes.
    public var longest: Int {
        switch self {
        case .time, .topic: 64
        case .accessList, .chainProof, .ranges: 256
        case .packing, .seal: 512
        case .postHeader: 1_024
        case .cap, .drafts, .hub, .post, .stream: 4_096
        default: 2_048
        }
    }

    /// Feeds the bytes to the decoder.
    /// - Returns: the property that does not hold; nil when all do.
    public func complaint(about bytes: [UInt8]) -> String? {
        switch self {
        case .postHeader: postHeader(bytes)
        case .ingest: ingest(Frames.split(bytes))
        case .batch: batch(Frames.split(bytes))
        case .feed: feed(Frames.split(bytes))
        case .page: page(bytes)
        case .request: request(Frames.split(bytes))
        case .reply: reply(Frames.split(bytes))
        case .topic: topic(bytes)
        case .ranges: ranges(bytes)
        case .seal: seal(Frames.split(bytes))
        case .chainProof: chainProof(bytes)
        case .hub: hub(Frames.split(bytes))
        case .post: post(Frames.split(bytes))
        case .stream: stream(Frames.split(bytes))
        case .json: json(bytes)
        case .alert: alert(bytes)
        case .draft: draft(bytes)
        case .drafts: drafts(bytes)
        case .cap: cap(bytes)
        case .printed: printed(bytes)
        case .time: time(bytes)
        case .hubSettings: hubSettings(bytes)
        case .postSettings: postSettings(bytes)
        case .analystSettings: analystSettings(bytes)
        case .provinces: provinces(bytes)
        case .subdivisions: subdivisions(bytes)
        case .registry: registry(bytes)
        case .publicKey: publicKey(bytes)
        case .secretKey: secretKey(bytes)
        case .checkpoint: checkpoint(bytes)
        case .cursor: cursor(bytes)
        case .packing: packing(bytes)
        case .endpoints: endpoints(bytes)
        case .clock: clock(bytes)
        case .accessList: accessList(bytes)
        case .postStatus: postStatus(bytes)
        case .desk: desk(bytes)
        }
    }
}
