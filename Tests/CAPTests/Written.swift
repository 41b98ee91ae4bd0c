import Alerts
import CAP

/// A document that a test bends.
struct Written {
    var sent = "2026-11-24T06:30:00+07:00"
    var namespace = CAPDocument.namespace
    var head = "<status>Actual</status><msgType>Alert</msgType>"
    var scope = "<scope>Restricted</scope><restriction>for the police</restriction>"
    var codes = "<code>TLP:GREEN</code>"
    var identifier = "a-1"
    var sender = "desk@police.example.th"
    var info: String? = Written.info()
    var end = ""

    static func info(
        language: String = "<language>en-US</language>", category: String = "<category>Security</category>",
        middle: String =
            "<urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>",
        codes: String = "<eventCode><valueName>xb:kind</valueName><value>movement</value></eventCode>",
        expires: String = "<expires>2026-11-30T06:30:00+07:00</expires>",
        texts: String = "<headline>Two vans</headline>",
        parameters: String = parameter("movement.mode", "road") + parameter("movement.direction", "in")
            + parameter("movement.minors", "0"),
        area: String =
            "<area><areaDesc>Koh Kong</areaDesc><geocode><valueName>ISO3166-2</valueName><value>KH-9</value></geocode></area>"
    ) -> String {
        "<info>\(language)\(category)<event>Movement</event>\(middle)\(codes)\(expires)\(texts)\(parameters)\(area)</info>"
    }

    static func parameter(_ name: String, _ value: String) -> String {
        "<parameter><valueName>xb:\(name)</valueName><value>\(value)</value></parameter>"
    }

    var text: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <alert xmlns="\(namespace)"><identifier>\(identifier)</identifier><sender>\(sender)</sender>
        <sent>\(sent)</sent>\(head)\(scope)\(codes)\(info ?? "")\(end)</alert>
        """
    }

    var problems: [String] {
        do throws(InvalidAlert) {
            _ = try CAPDocument.read(Array(text.utf8))
            return []
        } catch { return error.problems.map(\.description) }
    }

    func with(_ change: (inout Written) -> Void) -> Written {
        var written = self
        change(&written)
        return written
    }
}
