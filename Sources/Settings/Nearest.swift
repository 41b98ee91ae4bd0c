/// The candidate that a person most likely meant by a mistyped word; nil when none is near.
///
/// Near is at most one change (insertion, deletion, replacement, swap of neighbours) in three letters, case ignored.
public func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    /// Letters of a word that is looked at; longer ones are no typing mistakes, and the effort grows as the square.
    let longest = 64
    let wanted = Array(word.lowercased())
    guard !wanted.isEmpty, wanted.count <= longest else { return nil }
    let ranked = candidates.compactMap { candidate -> (Int, String)? in
        let letters = Array(candidate.lowercased())
        guard letters.count <= longest else { return nil }
        let distance = editDistance(wanted, letters)
        return distance <= max(1, max(wanted.count, letters.count) / 3) ? (distance, candidate) : nil
    }
    return ranked.min { $0 < $1 }?.1
}

/// Changes between two words: optimal string alignment.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var before: [Int] = []
    var above = Array(0...right.count)
    for row in 1...left.count {
        var line = [row]
        for column in 1...right.count {
            let same = left[row - 1] == right[column - 1]
            var best = min(above[column] + 1, line[column - 1] + 1, above[column - 1] + (same ? 0 : 1))
            if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                best = min(best, before[column - 2] + 1)
            }
            line.append(best)
        }
        before = above
        above = line
    }
    return above[right.count]
}
