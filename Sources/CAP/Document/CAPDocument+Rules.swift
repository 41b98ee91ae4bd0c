internal import Alerts

/// What CAP 1.2 says in words, and its schema can't (section 3.2, and what readers of alerts have run into).
extension CAPDocument {
    /// Characters of a headline, which the standard recommends as the most.
    static let longestHeadline = 160

    /// Everything that a receiver could stumble over, beside the schema's order; empty: nothing.
    public var problems: [String] {
        var findings = CAPFindings()
        checkRules(&findings)
        return findings.problems.map(\.description)
    }

    func checkRules(_ findings: inout CAPFindings) {
        if !CAPDocument.isName(identifier) {
            findings.report("alert.identifier", "empty, or a space, a comma, < or & in it")
        }
        if !CAPDocument.isName(sender) {
            findings.report("alert.sender", "empty, or a space, a comma, < or & in it")
        }
        checkAddressing(&findings)
        checkReferences(&findings)
        for (index, info) in infos.enumerated() {
            let path = "alert.info[\(index)]"
            checkTimes(info, path, &findings)
            checkTexts(info, path, &findings)
            for (number, resource) in info.resources.enumerated() {
                resource.check("\(path).resource[\(number)]", &findings)
            }
            for (number, area) in info.areas.enumerated() {
                area.check("\(path).area[\(number)]", &findings)
            }
        }
        checkLanguages(&findings)
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0 != "," && $0 != "&" && $0 != "<"
            }
    }

    private func checkAddressing(_ findings: inout CAPFindings) {
        if (scope == "Restricted") != (restriction.map { !collapsed($0).isEmpty } ?? false) {
            findings.report("alert.restriction", "needed where scope is Restricted, and nowhere else")
        }
        if (scope == "Private") != (addresses.map { !collapsed($0).isEmpty } ?? false) {
            findings.report("alert.addresses", "needed where scope is Private, and nowhere else")
        }
        for (name, text) in [("addresses", addresses), ("incidents", incidents)] {
            guard let text, !text.utf8.count(where: { $0 == UInt8(ascii: "\"") }).isMultiple(of: 2) else {
                continue
            }
            findings.report("alert.\(name)", "a quotation mark without its other")
        }
    }

    private func checkReferences(_ findings: inout CAPFindings) {
        if references.isEmpty, ["Update", "Cancel", "Ack", "Error"].contains(messageType) {
            findings.report("alert.references", "missing, but msgType is \(messageType)")
        }
        for reference in references {
            if reference.identifier == identifier, reference.sender == sender {
                findings.report("alert.references", "the message itself")
            }
            if reference.sent > sent { findings.report("alert.references", "a message that was sent later") }
        }
    }

    private func checkTimes(_ info: Info, _ path: String, _ findings: inout CAPFindings) {
        for (name, time) in [
            ("effective", info.effective), ("onset", info.onset), ("expires", info.expires),
        ] {
            if let time, time < sent { findings.report("\(path).\(name)", "earlier than sent") }
        }
        if let effective = info.effective, let expires = info.expires, expires < effective {
            findings.report("\(path).expires", "earlier than effective")
        }
    }

    private func checkTexts(_ info: Info, _ path: String, _ findings: inout CAPFindings) {
        if let headline = info.headline, headline.unicodeScalars.count > CAPDocument.longestHeadline {
            findings.report(
                "\(path).headline",
                "\(headline.unicodeScalars.count) characters, at most \(CAPDocument.longestHeadline)")
        }
        for (name, text) in [
            ("event", info.event), ("headline", info.headline), ("description", info.description),
            ("instruction", info.instruction),
        ] {
            if let text, hasMarkup(text) { findings.report("\(path).\(name)", "marks of HTML in it") }
        }
        if let web = info.web, !isAbsolute(web) { findings.report("\(path).web", "not an absolute URI") }
    }

    /// One text under two languages is a translation that is missing.
    private func checkLanguages(_ findings: inout CAPFindings) {
        for (index, info) in infos.enumerated() {
            for (name, text) in [("headline", \Info.headline), ("description", \Info.description)] {
                guard let own = info[keyPath: text], !own.isEmpty else { continue }
                let isTwice = infos[..<index].contains {
                    $0[keyPath: text] == own && primary($0.language) != primary(info.language)
                }
                if isTwice {
                    findings.report("alert.info[\(index)].\(name)", "the same text as in another language")
                }
            }
        }
    }
}

extension CAPDocument.Resource {
    fileprivate func check(_ path: String, _ findings: inout CAPFindings) {
        if let uri, !isAbsolute(uri), derefURI == nil {
            findings.report("\(path).uri", "not absolute, and there is no derefUri")
        }
        if let digest {
            let bytes = Array(digest.utf8)
            let isHash =
                bytes.count == 40 && bytes.allSatisfy { isDigit($0) || (0x61...0x66).contains($0 | 0x20) }
            if !isHash { findings.report("\(path).digest", "not SHA-1 in 40 hexadecimal digits") }
        }
    }
}

extension CAPDocument.Area {
    fileprivate func check(_ path: String, _ findings: inout CAPFindings) {
        for (index, text) in polygons.enumerated() {
            let points = collapsed(text).split(separator: " ").map { Point($0) }
            if points.contains(where: { $0 == nil }) {
                findings.report("\(path).polygon[\(index)]", "not pairs of latitude,longitude")
            } else if points.count < 4 || points.first != points.last {
                findings.report(
                    "\(path).polygon[\(index)]", "needs four points at least, the last one like the first")
            } else if Point.crossItself(points.compactMap { $0 }) {
                findings.report("\(path).polygon[\(index)]", "its sides cross each other")
            }
        }
        for (index, text) in circles.enumerated() {
            let parts = collapsed(text).split(separator: " ")
            let isCircle = parts.count == 2 && Point(parts[0]) != nil && (Double(parts[1]) ?? -1) >= 0
            if !isCircle {
                findings.report("\(path).circle[\(index)]", "not latitude,longitude and a radius")
            }
        }
        if ceiling != nil, altitude == nil { findings.report("\(path).ceiling", "without altitude") }
    }
}

/// A place on the earth.
private struct Point: Equatable {
    /// Points of a polygon whose sides are held against each other.
    static let most = 500

    var latitude: Double
    var longitude: Double

    init?(_ text: Substring) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        guard parts.count == 2, let latitude = parts[0], let longitude = parts[1],
            (-90.0...90).contains(latitude), (-180.0...180).contains(longitude)
        else { return nil }
        (self.latitude, self.longitude) = (latitude, longitude)
    }

    /// - points: closed.
    static func crossItself(_ points: [Point]) -> Bool {
        let sides = points.count - 1
        guard sides >= 4, sides <= most else { return false }
        for first in 0..<sides - 2 {
            for second in first + 2..<sides where !(first == 0 && second == sides - 1) {
                if cross(points[first], points[first + 1], points[second], points[second + 1]) { return true }
            }
        }
        return false
    }

    private static func cross(_ a: Point, _ b: Point, _ c: Point, _ d: Point) -> Bool {
        func side(_ from: Point, _ to: Point, _ of: Point) -> Double {
            (to.longitude - from.longitude) * (of.latitude - from.latitude)
                - (to.latitude - from.latitude) * (of.longitude - from.longitude)
        }
        return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0
    }
}

private func isAbsolute(_ uri: String) -> Bool {
    let scheme = uri.utf8.prefix { $0 != UInt8(ascii: ":") }
    return !scheme.isEmpty && scheme.count < uri.utf8.count
        && scheme.allSatisfy { isLetter($0) || isDigit($0) }
}

/// Of `km-KH` the language, `km`.
func primary(_ language: String) -> String {
    String(language.split(separator: "-").first ?? "").lowercased()
}

/// Tags and entities that people paste from pages; a bare `<` or `&` is none.
private func hasMarkup(_ text: String) -> Bool {
    let tags = [
        "a", "b", "br", "div", "em", "font", "h1", "h2", "h3", "i", "img", "li", "p", "span", "strong",
        "table", "td", "tr", "u", "ul", "ol",
    ]
    let entities = ["amp", "lt", "gt", "quot", "nbsp", "apos"]
    for start in text.utf8.indices {
        switch text.utf8[start] {
        case UInt8(ascii: "<"):
            let rest = text.utf8[text.utf8.index(after: start)...]
            let name = rest.drop { $0 == UInt8(ascii: "/") }.prefix { isLetter($0) || isDigit($0) }
            let after = name.endIndex < text.utf8.endIndex ? text.utf8[name.endIndex] : 0
            guard after == UInt8(ascii: ">") || after == UInt8(ascii: "/") || isSpace(after) else { continue }
            if tags.contains(String(decoding: Array(name), as: UTF8.self).lowercased()) { return true }
        case UInt8(ascii: "&"):
            let rest = text.utf8[text.utf8.index(after: start)...]
            let name = rest.prefix { isLetter($0) }
            let after = name.endIndex < text.utf8.endIndex ? text.utf8[name.endIndex] : 0
            guard after == UInt8(ascii: ";") else { continue }
            if entities.contains(String(decoding: Array(name), as: UTF8.self)) { return true }
        default: continue
        }
    }
    return false
}
