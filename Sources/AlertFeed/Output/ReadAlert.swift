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
    /// nil when this program can't read the payload (a newer hub's schema): it is shown as it is, never left out.
    public let alert: Alert?
    public let check: SignatureCheck
    /// The hub has erased the content, whose time is over; then there is no alert, and nothing to check the seal with.
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
        guard !streamed.payload.isEmpty else {
            check = header == nil ? .invalid : .unknown
            return
        }
        let isOwn = alert.map { $0.sender == header?.post } ?? true
        check =
            isOwn
            ? keyring.check(
                seal: streamed.signature, over: signedPrefix, streamed.header, streamed.payload, by: post,
                &seals)
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
