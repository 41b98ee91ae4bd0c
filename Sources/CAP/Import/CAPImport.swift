public import Alerts
internal import Identity
internal import Notation
internal import XML

/// A document of CAP 1.2 made into the draft of an alert. Nothing is guessed: what an alert needs and the document does not say
/// is a problem, and what an alert has no place for is named.
public struct CAPImport: Sendable, Equatable {
    /// Bytes of a document; a larger one is refused.
    public static let largest = CAPDocument.bounds.bytes

    /// A JSON object, as ``AlertDraft`` takes it. Its id is made of what the document is called by and of the post: the same
    /// document gives the same alert, however often it is taken.
    public let draft: [UInt8]
    /// What of the document is not in the draft, by its path.
    public let leftOut: [InvalidAlert.Problem]

    /// - post: whose alert it becomes.
    /// - Throws: what is wrong with the document, or missing in it for an alert, each thing by its path.
    public init(
        _ bytes: [UInt8], post: String, provinces: ProvinceDirectory
    ) throws(InvalidAlert) {
        let read = try CAPDocument.read(bytes)
        var maker = DraftMaker(read.document, post: post, provinces: provinces)
        if read.isSigned { maker.leaveOut("alert.Signature", "not verified; an alert has its post's own") }
        let draft = maker.draft()
        if let error = maker.findings.error { throw error }
        self.draft = draft
        leftOut = maker.leftOut
    }

    /// The id of the alert that a post makes of a document.
    static func id(of reference: CAPDocument.Reference, post: String) -> AlertID {
        let random = blake2b(Array("borderwire cap id\n\(post)\n".utf8), bytes(reference))
        return AlertID(time: reference.sent, random: Array(random.prefix(AlertID.randomLength)))
    }

    /// What is kept of where an alert comes from: nobody's text, and still a proof for whoever has the document.
    static func source(of reference: CAPDocument.Reference) -> Source? {
        let sender = reference.sender.split(separator: "@").last.map { $0.lowercased() } ?? ""
        return Source(
            sender: sender, digest: Array(blake2b(bytes(reference)).prefix(Source.digestLength)).hex)
    }

    private static func bytes(_ reference: CAPDocument.Reference) -> [UInt8] {
        Array("\(reference.sender)\n\(reference.identifier)\n\(reference.sent.milliseconds)".utf8)
    }
}
