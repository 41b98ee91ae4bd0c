public import Alerts
internal import XML

extension CAPDocument {
    /// How large a document may be. An alert of the full 64 KiB takes less, in two languages.
    static let bounds = XMLBounds(bytes: 512 << 10, depth: 8, elements: 4_000, attributes: 64)

    /// A document of whoever, that keeps to the schema and to what CAP 1.2 says beside it.
    public struct Read: Sendable, Equatable {
        public var document: CAPDocument
        /// A signature stands in it, and was not verified.
        public var isSigned: Bool
    }

    /// Reads a document. No network, no entities, no document type; bounded in size and depth.
    /// - Throws: everything that is wrong with it, by its path, `alert.info[0].area[1].geocode[0].value`.
    public static func read(_ bytes: [UInt8]) throws(InvalidAlert) -> Read {
        let root: XMLElement
        do throws(XMLError) { root = try XMLElement.read(bytes, within: bounds) } catch {
            throw InvalidAlert(path: "alert", rule: error.reason)
        }
        var check = SchemaCheck()
        check.check(root)
        if let error = check.findings.error { throw error }
        var findings = CAPFindings()
        let document = CAPDocument(root, &findings)
        document.checkRules(&findings)
        if let error = findings.error { throw error }
        return Read(document: document, isSigned: check.isSigned)
    }

    /// - root: one that keeps to the schema.
    private init(_ root: XMLElement, _ findings: inout CAPFindings) {
        identifier = root.text("identifier")
        sender = root.text("sender")
        sent = root.time("sent") ?? sent
        status = root.text("status")
        messageType = root.text("msgType")
        source = root.first("source")
        scope = root.text("scope")
        restriction = root.first("restriction")
        addresses = root.first("addresses")
        codes = root.all("code").map(\.text)
        note = root.first("note")
        references = CAPDocument.references(root.text("references"), &findings)
        incidents = root.first("incidents")
        infos = root.all("info").map { CAPDocument.Info($0) }
    }

    private static func references(_ text: String, _ findings: inout CAPFindings) -> [Reference] {
        var references: [Reference] = []
        for (index, part) in collapsed(text).split(separator: " ").enumerated() {
            let parts = part.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty,
                let sent = Timestamp(cap: parts[2])
            else {
                findings.report(
                    "alert.references", "the one with number \(index + 1) is not sender,identifier,sent")
                continue
            }
            references.append(Reference(sender: parts[0], identifier: parts[1], sent: sent))
        }
        return references
    }
}

extension CAPDocument.Info {
    fileprivate init(_ element: XMLElement) {
        language = element.first("language").map(collapsed) ?? language
        categories = element.all("category").map(\.text)
        event = element.text("event")
        responseTypes = element.all("responseType").map(\.text)
        urgency = element.text("urgency")
        severity = element.text("severity")
        certainty = element.text("certainty")
        audience = element.first("audience")
        eventCodes = element.pairs("eventCode")
        effective = element.time("effective")
        onset = element.time("onset")
        expires = element.time("expires")
        senderName = element.first("senderName")
        headline = element.first("headline")
        description = element.first("description")
        instruction = element.first("instruction")
        web = element.first("web").map(collapsed)
        contact = element.first("contact")
        parameters = element.pairs("parameter")
        resources = element.all("resource").map { CAPDocument.Resource($0) }
        areas = element.all("area").map { CAPDocument.Area($0) }
    }
}

extension CAPDocument.Resource {
    fileprivate init(_ element: XMLElement) {
        description = element.text("resourceDesc")
        mimeType = element.text("mimeType")
        size = element.first("size").map(collapsed)
        uri = element.first("uri").map(collapsed)
        derefURI = element.first("derefUri")
        digest = element.first("digest")
    }
}

extension CAPDocument.Area {
    fileprivate init(_ element: XMLElement) {
        description = element.text("areaDesc")
        polygons = element.all("polygon").map(\.text)
        circles = element.all("circle").map(\.text)
        geocodes = element.pairs("geocode")
        altitude = element.first("altitude").map(collapsed)
        ceiling = element.first("ceiling").map(collapsed)
    }
}

extension XMLElement {
    fileprivate func all(_ name: String) -> [XMLElement] {
        children.filter { $0.name == name && $0.namespace == CAPDocument.namespace }
    }

    fileprivate func first(_ name: String) -> String? { all(name).first?.text }
    fileprivate func text(_ name: String) -> String { first(name) ?? "" }

    fileprivate func time(_ name: String) -> Timestamp? {
        first(name).flatMap { Timestamp(cap: collapsed($0)) }
    }

    fileprivate func pairs(_ name: String) -> [CAPDocument.Pair] {
        all(name).map { CAPDocument.Pair($0.text("valueName"), $0.text("value")) }
    }
}
