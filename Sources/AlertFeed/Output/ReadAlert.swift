public import Alerts
public import Identity
public import LogProof
public import Wire

/// An alert of the stream, read and checked by the analyst's own program.
public struct ReadAlert: Sendable {
    public private(set) var streamed: StreamedAlert
    /// nil when the header is not one: its signature then counts as invalid.
    public let post: String
    public let epoch: UInt64
    public let sequence: UInt64
    /// When the alert stops being true, as its header says also once the content is erased; nil when the header is not one.
    public let ends: Timestamp?
    /// nil when this program can't read the payload (a newer hub's schema): it is shown as it is, never left out.
    public private(set) var alert: Alert?
    public let check: SignatureCheck
    /// Whose key verified it; nil where none did.
    public let signer: PublicKeys?
    /// What the header says beside the content; nil when it is none.
    public let facts: AlertFacts?
    /// The word of the hub's operator on other alerts; nil of an alert, and where the content is erased.
    public let notice: HubNotice?
    /// As far as who reads has seen what it refers to.
    public var authorship = Authorship.original
    /// Whether it still stood when it was given out, as far as was read by then; nil of a Cancel, an acknowledgement and a notice,
    /// which only say something of others.
    public var standing: Standing?
    /// Who has seen it, as an object of JSON; nil: nobody asked.
    public var seen: String?
    /// What is wrong with its number, after those that its author's other alerts came with; nil: nothing.
    public var disorder: String?
    /// The hub has erased the content; then there is no alert, and the seal is checked against what is left of it.
    public var isErased: Bool { streamed.signed.payload.isEmpty }

    public init(
        _ streamed: StreamedAlert, _ keyring: PublicKeyring, _ provinces: ProvinceDirectory,
        _ seals: inout SealChecker, hub: [PublicKeys] = []
    ) {
        self.init(
            streamed, try? PostHeader(decoding: streamed.signed.header), streamed.read(provinces), keyring,
            &seals,
            hub: hub)
    }

    /// - header: the streamed one's. alert: its content, as far as it can be read. hub: the keys by which its notices are
    /// in force; none: no notice is.
    init(
        _ streamed: StreamedAlert, _ header: PostHeader?, _ alert: Alert?, _ keyring: PublicKeyring,
        _ seals: inout SealChecker, hub: [PublicKeys] = []
    ) {
        self.streamed = streamed
        self.alert = alert
        facts = header?.facts
        post = header?.post ?? ""
        epoch = header?.epoch ?? 0
        sequence = header?.sequence ?? 0
        ends = header?.facts.expires
        if let header, let action = header.facts.notice {
            let read = HubNotice(decoding: streamed.signed.payload)
            notice = read?.action == action ? read : nil
            // By the keys that the analyst knows the hub by: not by whatever else has its name.
            signer = hub.first { hub in
                header.post == hub.name
                    && seals.check(
                        streamed.signed.signature, over: streamed.signed.header, digest: streamed.digest,
                        by: hub.signing)
            }
            check = signer == nil ? .invalid : .valid
            return
        }
        notice = nil
        let isOwn = alert.map { $0.sender == header?.post } ?? true
        (check, signer) =
            isOwn
            ? keyring.signer(
                seal: streamed.signed.signature, over: streamed.signed.header, digest: streamed.digest,
                by: post, &seals)
            : (.invalid, nil)
    }
}

extension StreamedAlert {
    /// nil for what was erased, and for what this program can't read.
    func read(_ provinces: ProvinceDirectory) -> Alert? {
        signed.payload.isEmpty
            ? nil : try? Alert.decode(signed.payload, provinces: provinces, screened: false)
    }
}

extension ReadAlert {
    /// The same without the reading of its content, for whoever keeps many: a format writes the published bytes all the same.
    package var unread: ReadAlert {
        var alert = self
        alert.alert = nil
        return alert
    }

    /// What is left of it once its content is erased.
    package var erased: ReadAlert {
        var alert = unread
        alert.streamed.signed.payload = []
        return alert
    }

    /// What the hub's operator says of the alerts that it refers to; nil of all that is no notice. Only with a valid `check`
    /// it is the operator's word.
    public var action: HubNotice.Action? { facts?.notice }

    /// Ids that it refers to, as its header says also once the content is erased.
    public var references: [AlertID] { (facts?.references ?? []).compactMap { AlertID(bytes: $0) } }
}

/// Turns alerts into bytes for standard output.
public protocol AlertFormat: Sendable {
    /// Before the first alert; empty for none.
    var opening: [UInt8] { get }
    func bytes(of alert: ReadAlert) -> [UInt8]
}
