/// The candidate that a person most likely meant by a mistyped word; nil when none is near.
///
/// Near is at most one change (insertion, deletion, replacement, swap of neighbours) in three letters, case ignored.
public func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().unicodeScalars)
    guard (1...longestMistyped).contains(wanted.count) else { return nil }
    let ranked = candidates.compactMap { candidate -> (Int, String)? in
        let letters = Array(candidate.lowercased().unicodeScalars)
        guard letters.count <= longestMistyped else { return nil }
        let distance = editDistance(wanted, letters)
        return distance <= max(1, max(wanted.count, letters.count) / 3) ? (distance, candidate) : nil
    }
    return ranked.min { $0 < $1 }?.1
}

/// Letters of a word that is looked at; longer ones are no typing mistakes, and the effort grows as the square.
private let longestMistyped = 40

/// Changes between two words: optimal string alignment. By hand: neither Foundation nor a library that is linked has it.
public func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var above = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var line = [row + 1]
        for column in right.indices {
            let exchanged = above[column] + (letter == right[column] ? 0 : 1)
            var best = min(above[column + 1] + 1, line[column] + 1, exchanged)
            if row > 0, column > 0, letter == right[column - 1], left[row - 1] == right[column] {
                best = min(best, before[column - 1] + 1)
            }
            line.append(best)
        }
        before = above
        above = line
    }
    return above[right.count]
}
