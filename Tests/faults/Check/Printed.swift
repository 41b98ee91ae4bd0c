import FoundationEssentials

/// What an analyst's output file holds.
struct Printed {
    enum Format: String { case json, csv, text }

    /// In the order of printing.
    var offsets: [UInt64] = []
    /// The alerts' ids, of JSON only.
    var ids: [String] = []
    /// Of them those whose content was gone, of JSON only.
    var erased: Set<UInt64> = []
    /// Lines that are not whole, the first ones.
    var torn: [String] = []

    init(_ data: Data, _ format: Format) {
        let text = String(decoding: data, as: UTF8.self)
        switch format {
        case .json: readJSON(text)
        case .csv: readCSV(text)
        case .text: readText(text)
        }
    }

    private struct Line: Decodable {
        var offset: UInt64
        var verified: Bool
        /// nil: its content is erased, and the line says so.
        var alert: Alert?
        var erased: Bool?

        struct Alert: Decodable { var id: String }
    }

    private mutating func readJSON(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let parsed = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)), parsed.verified,
                (parsed.alert == nil) == (parsed.erased ?? false)
            else {
                torn.append(String(line))
                continue
            }
            offsets.append(parsed.offset)
            if let alert = parsed.alert { ids.append(alert.id) } else { erased.insert(parsed.offset) }
        }
    }

    private mutating func readCSV(_ text: String) {
        for (index, line) in text.split(separator: "\r\n").enumerated() {
            // The line of names, once.
            if index == 0, line.hasPrefix("offset,") { continue }
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 26, let offset = UInt64(fields[0]) else {
                torn.append(String(line))
                continue
            }
            offsets.append(offset)
        }
    }

    private mutating func readText(_ text: String) {
        for block in text.split(separator: "\n", omittingEmptySubsequences: false).split(separator: "") {
            // Long lines are broken at spaces.
            let words = block.joined(separator: " ").split(separator: " ").filter { $0 != "EXERCISE" }
                .joined(separator: " ")
            guard words.ranges(of: ", id ").count == 1, let end = words.firstRange(of: ", received "),
                let start = words[..<end.lowerBound].ranges(of: ", #").last,
                let offset = UInt64(words[start.upperBound..<end.lowerBound])
            else {
                torn.append(block.joined(separator: "\n"))
                continue
            }
            offsets.append(offset)
        }
    }
}
