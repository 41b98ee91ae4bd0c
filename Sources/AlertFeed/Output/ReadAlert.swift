public import Alerts
public import Identity
internal import Wire

/// An alert of the stream, read and checked by the analyst's own program.
public struct ReadAlert: Sendable {
    public let streamed: StreamedAlert
    /// nil when the header is not one: its signature then counts as invalid.
    public let post: String
    public let epoch: UInt64
    public let sequence: UInt64
    /// When the alert stops being true, as its header says also once the content is erased; nil when the header is not one.
    public let ends: Timestamp?
    /// nil when this program can't read the payload (a newer hub's schema): it is shown as it is, never left out.
    public let alert: Alert?
    public let check: SignatureCheck
    /// As far as who reads has seen what it refers to.
    public var authorship = Authorship.original
    /// The hub has erased the content; then there is no alert, and the seal is checked against what is left of it.
    public var isErased: Bool { streamed.payload.isEmpty }

    public init(
        _ streamed: StreamedAlert, _ keyring: PublicKeyring, _ provinces: ProvinceDirectory,
        _ seals: inout SealChecker
    ) {
        self.init(streamed, streamed.read(provinces), keyring, &seals)
    }

    /// - alert: the streamed one's content, as far as it can be read.
    init(_ streamed: StreamedAlert, _ alert: Alert?, _ keyring: PublicKeyring, _ seals: inout SealChecker) {
        self.streamed = streamed
        self.alert = alert
        let header = try? PostHeader(decoding: streamed.header)
        post = header?.post ?? ""
        epoch = header?.epoch ?? 0
        sequence = header?.sequence ?? 0
        ends = header?.facts.expires
        let isOwn = alert.map { $0.sender == header?.post } ?? true
        check =
            isOwn
            ? keyring.check(
                seal: streamed.signature, over: streamed.header, digest: streamed.digest, by: post, &seals)
            : .invalid
    }
}

extension StreamedAlert {
    /// nil for what was erased, and for what this program can't read.
    func read(_ provinces: ProvinceDirectory) -> Alert? {
        payload.isEmpty ? nil : try? Alert.decode(payload, provinces: provinces, screened: false)
    }
}

/// Turns alerts into bytes for standard output.
public protocol AlertFormat: Sendable {
    /// Before the first alert; empty for none.
    var opening: [UInt8] { get }
    func bytes(of alert: ReadAlert) -> [UInt8]
}
