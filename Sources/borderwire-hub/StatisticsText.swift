import AlertHub

/// Statistics as people and as spreadsheets read them.
enum StatisticsText {
    static func lines(_ statistics: Statistics) -> [String] {
        var lines = ["real alerts: \(statistics.total.text)"]
        for table in statistics.tables where !table.rows.isEmpty {
            lines += ["", "by \(table.name)"]
            let longest = table.rows.map(\.name.count).max() ?? 0
            for row in table.rows {
                let space = String(repeating: " ", count: longest - row.name.count)
                lines.append("  \(row.name)\(space)  \(row.count.text)")
            }
        }
        lines += ["", "median time from storing (for stored: from queueing)"]
        return lines
            + statistics.medians.map { "  \($0.name): \($0.milliseconds.map(duration) ?? "too few to tell")" }
    }

    static func csv(_ statistics: Statistics) -> [String] {
        var lines = ["table,name,value", "total,alerts,\(statistics.total.text)"]
        for table in statistics.tables {
            lines += table.rows.map { "\(table.name),\($0.name),\($0.count.text)" }
        }
        return lines
            + statistics.medians.map {
                "median_ms,\($0.name),\($0.milliseconds.map { "\($0)" } ?? "too few to tell")"
            }
    }

    private static func duration(_ milliseconds: Int64) -> String {
        switch milliseconds {
        case ..<1_000: "\(milliseconds) ms"
        case ..<120_000: "\(milliseconds / 1_000) s"
        case ..<7_200_000: "\(milliseconds / 60_000) min"
        default: "\(milliseconds / 3_600_000) h"
        }
    }
}

struct StatisticsLine: Encodable {
    struct Row: Encodable {
        var name: String
        /// A number, or why there is none.
        var count: String
    }

    struct Table: Encodable {
        var name: String
        var rows: [Row]
    }

    var alerts: String
    var tables: [Table]
    /// Milliseconds; left out where there are too few.
    var medians: [String: Int64]

    init(_ statistics: Statistics) {
        alerts = statistics.total.text
        tables = statistics.tables.map { table in
            Table(name: table.name, rows: table.rows.map { Row(name: $0.name, count: $0.count.text) })
        }
        medians = Dictionary(
            uniqueKeysWithValues: statistics.medians.compactMap { median in
                median.milliseconds.map { (median.name, $0) }
            })
    }
}
