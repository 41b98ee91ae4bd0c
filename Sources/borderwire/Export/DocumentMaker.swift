import AlertFeed
import Alerts
import CAP
import Identity
import Platform
import Settings
import Wire

/// Makes documents of alerts, as far as their handling lets them leave for one destination. Asks the hub for what they refer to,
/// and has it record each one that leaves. From one thread.
final class DocumentMaker {
    /// What became of alerts that is remembered; beyond it all is looked up anew.
    private static let most = 65_536
    /// Messages that refer to each other, at most, until a chain is taken for endless.
    private static let longestChain = 64

    /// What becomes of an alert.
    enum Fate {
        case leaves(CAPDocument.Reference)
        /// With the reason.
        case stays(String)
    }

    enum Outcome {
        case document([UInt8], CAPDocument.Reference)
        case stays(String)
    }

    let destination: String
    private let inquiry: AlertInquiry
    private let policy: HandlingPolicy
    private let circle: HandlingPolicy.Circle
    private let context: CAPDocument.Context
    /// What earlier runs have sent; nil: nobody knows.
    private let sent: SentDocuments?
    /// Where documents may be; nil: nowhere.
    private let directory: DocumentDirectory?
    private var fates: [AlertID: Fate] = [:]
    private var unknownPosts: Set<String> = []

    init(
        _ target: ExportTarget, _ settings: ReaderSettings, provinces: ProvinceDirectory,
        sent: SentDocuments? = nil, directory: DocumentDirectory? = nil
    ) throws {
        destination = target.destination
        circle = target.circle
        policy = target.policy
        self.sent = sent
        self.directory = directory
        context = CAPDocument.Context(
            domain: target.domain, provinces: provinces, detail: target.isFull ? .full : .minimal,
            destination: target.destination)
        inquiry = try AlertInquiry(settings, provinces: provinces, tell: say)
    }

    /// The alert with this id as the hub has it.
    func alert(_ id: AlertID) throws -> ReadAlert? { try inquiry.alert(id) }

    /// The document of an alert or a notice. The hub has recorded it, and for whom, when this returns one.
    func document(of read: ReadAlert) throws -> Outcome {
        if read.action != nil { return try document(ofNotice: read) }
        guard let id = read.facts.flatMap({ AlertID(bytes: $0.id) }) else {
            return .stays("its header is none")
        }
        let fate = try judge(read, id, depth: 0)
        remember(id, fate)
        guard case .leaves(let reference) = fate, let alert = read.alert else {
            if case .stays(let reason) = fate { return .stays(reason) }
            return .stays("its content is erased")
        }
        let references = try CAPDocument.referred(by: alert).compactMap { id -> CAPDocument.Reference? in
            guard case .leaves(let reference) = try self.fate(of: id, depth: 0) else { return nil }
            return reference
        }
        guard let now = try inquiry.alert(id, for: destination), !now.isErased else {
            let reason = "the hub has erased it meanwhile"
            remember(id, .stays(reason))
            return .stays(reason)
        }
        let document = CAPDocument(alert, references: references, context)
        return .document(try document.encoded(), reference)
    }

    private func document(ofNotice read: ReadAlert) throws -> Outcome {
        guard let notice = read.notice, read.check == .valid else {
            return .stays("a notice that the hub has not signed, or whose reason is erased")
        }
        var references: [CAPDocument.Reference] = []
        for id in notice.references {
            if case .leaves(let reference) = try fate(of: id, depth: 0) { references.append(reference) }
        }
        guard !references.isEmpty else { return .stays("nothing that it is about leaves") }
        _ = try inquiry.alert(notice.id, for: destination)
        let document = CAPDocument(
            notice, status: read.facts?.knownStatus ?? .actual, references: references, context)
        return .document(try document.encoded(), document.reference)
    }

    /// Of an alert that another one refers to.
    private func fate(of id: AlertID, depth: Int) throws -> Fate {
        if let fate = fates[id] { return fate }
        if let reference = sent?[id] { return .leaves(reference) }
        guard depth < DocumentMaker.longestChain else { return .stays("too long a chain of references") }
        let fate: Fate
        if let read = try inquiry.alert(id) {
            fate = try judge(read, id, depth: depth + 1)
        } else {
            fate = .stays("the hub has no alert \(id) that this identity may read")
        }
        remember(id, fate)
        return fate
    }

    private func judge(_ read: ReadAlert, _ id: AlertID, depth: Int) throws -> Fate {
        guard !read.isErased else {
            return left(id).map { .leaves($0) } ?? .stays("its content is erased")
        }
        guard let alert = read.alert else { return .stays("this program can't read it; update it") }
        switch read.check {
        case .valid: break
        case .invalid: return .stays("the signature of \(read.post) does not verify")
        case .unknown:
            if unknownPosts.insert(read.post).inserted {
                say(
                    "no public key of \(read.post) in the settings' posts directory: its signatures can't be checked"
                )
            }
        }
        if let objection = policy.objection(to: alert, for: circle) { return .stays(objection.reason) }
        for subject in CAPDocument.referred(by: alert) + (alert.sighting.map { [$0.of] } ?? []) {
            switch try fate(of: subject, depth: depth) {
            case .stays(let reason): return .stays("what it refers to stays: \(reason)")
            case .leaves(let reference):
                // The domain is a setting, and may have been another.
                guard
                    !alert.messageType.isChange || subject == alert.sighting?.of
                        || reference.sender.hasPrefix("\(alert.sender)@")
                else { return .stays("without effect: what it refers to is by \(reference.sender)") }
            }
        }
        return .leaves(
            CAPDocument.Reference(
                sender: sender(alert), identifier: CAPProfile.identifier(of: id), sent: alert.sent))
    }

    private func sender(_ alert: Alert) -> String {
        CAPProfile.sender(alert.sender, domain: context.domain)
    }

    /// Of an alert that is erased here: by the document that went out.
    private func left(_ id: AlertID) -> CAPDocument.Reference? {
        guard let directory,
            let bytes = try? Files.read(
                directory.place(of: CAPProfile.identifier(of: id)), limit: 1 << 20)
        else { return nil }
        return (try? CAPDocument.read(bytes))?.document.reference
    }

    private func remember(_ id: AlertID, _ fate: Fate) {
        if fates.count >= DocumentMaker.most { fates = [:] }
        fates[id] = fate
    }
}
