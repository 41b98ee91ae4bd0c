internal import Alerts
public import XML

extension CAPDocument {
    /// The document in the schema's order, UTF-8, times with Cambodia's offset.
    public func encoded() throws(XMLError) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("alert", namespace: CAPDocument.namespace) { alert in
            alert.put("identifier", identifier)
            alert.put("sender", sender)
            alert.put("sent", sent.rfc3339())
            alert.put("status", status)
            alert.put("msgType", messageType)
            alert.put("source", source)
            alert.put("scope", scope)
            alert.put("restriction", restriction)
            alert.put("addresses", addresses)
            for code in codes { alert.put("code", code) }
            alert.put("note", note)
            if !references.isEmpty {
                alert.put("references", references.map(\.text).joined(separator: " "))
            }
            alert.put("incidents", incidents)
            for info in infos { alert.element("info") { $0.put(info) } }
        }
        return try writer.finish()
    }
}

extension XMLWriter {
    fileprivate mutating func put(_ info: CAPDocument.Info) {
        put("language", info.language)
        for category in info.categories { put("category", category) }
        put("event", info.event)
        for type in info.responseTypes { put("responseType", type) }
        put("urgency", info.urgency)
        put("severity", info.severity)
        put("certainty", info.certainty)
        put("audience", info.audience)
        put("eventCode", info.eventCodes)
        put("effective", info.effective?.rfc3339())
        put("onset", info.onset?.rfc3339())
        put("expires", info.expires?.rfc3339())
        put("senderName", info.senderName)
        put("headline", info.headline)
        put("description", info.description)
        put("instruction", info.instruction)
        put("web", info.web)
        put("contact", info.contact)
        put("parameter", info.parameters)
        for resource in info.resources { element("resource") { $0.put(resource) } }
        for area in info.areas { element("area") { $0.put(area) } }
    }

    private mutating func put(_ name: String, _ pairs: [CAPDocument.Pair]) {
        for pair in pairs {
            element(name) { writer in
                writer.put("valueName", pair.name)
                writer.put("value", pair.value)
            }
        }
    }

    private mutating func put(_ resource: CAPDocument.Resource) {
        put("resourceDesc", resource.description)
        put("mimeType", resource.mimeType)
        put("size", resource.size)
        put("uri", resource.uri)
        put("derefUri", resource.derefURI)
        put("digest", resource.digest)
    }

    private mutating func put(_ area: CAPDocument.Area) {
        put("areaDesc", area.description)
        for polygon in area.polygons { put("polygon", polygon) }
        for circle in area.circles { put("circle", circle) }
        put("geocode", area.geocodes)
        put("altitude", area.altitude)
        put("ceiling", area.ceiling)
    }
}
