/// What the demo counts, and whether it adds up.
struct PostResult {
    var post: String
    var published: Int
    var stored: Int
    var inLog: Int

    var isGood: Bool { published == stored && stored == inLog }
}

struct AudienceResult {
    var name: String
    var wanted: Int
    var got: Int
    var lost: Int
    var duplicated: Int
    var outOfOrder: Int
    /// Printed, though not asked for or not granted.
    var stray: Int
    /// Signatures that did not verify, and exercises that were not marked on every line.
    var unsigned: Int
    var unmarked: Int

    var isGood: Bool { got == wanted && lost + duplicated + outOfOrder + stray + unsigned + unmarked == 0 }

    /// - printed: in the order of printing. wanted: ids, and whether each is an exercise.
    init(name: String, printed: [Printed], wanted: [String: Bool]) {
        self.name = name
        self.wanted = wanted.count
        got = printed.count
        let ids = Set(printed.map(\.id))
        lost = wanted.keys.count { !ids.contains($0) }
        duplicated = printed.count - ids.count
        outOfOrder = zip(printed, printed.dropFirst()).count { $0.offset >= $1.offset }
        stray = ids.count { wanted[$0] == nil }
        unsigned = printed.count { !$0.isSigned }
        unmarked = printed.count { $0.isMarked != (wanted[$0.id] ?? false) }
    }
}

/// A table for people: the first column to the left, numbers to the right.
func table(_ heads: [String], _ rows: [[String]]) -> [String] {
    let widths = heads.indices.map { column in ([heads] + rows).map { $0[column].count }.max() ?? 0 }
    return ([heads] + rows).map { row in
        row.indices.map { column in
            let space = String(repeating: " ", count: widths[column] - row[column].count)
            return column == 0 ? row[column] + space : space + row[column]
        }.joined(separator: "  ")
    }
}
