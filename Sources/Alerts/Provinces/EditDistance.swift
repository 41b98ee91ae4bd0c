/// The least number of letters put in, taken out or exchanged that turns one text into the other (Levenshtein).
func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var above = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var diagonal = above[0]
        above[0] = row + 1
        for column in right.indices {
            let exchanged = diagonal + (letter == right[column] ? 0 : 1)
            diagonal = above[column + 1]
            above[column + 1] = min(exchanged, above[column] + 1, diagonal + 1)
        }
    }
    return above[right.count]
}

/// The word that was most likely meant by a mistyped one, of at most ``longestMistyped`` letters; nil when none is near: one
/// change in three letters at most, case ignored.
func nearestWord(to text: String, among words: some Sequence<String>) -> String? {
    guard (1...longestMistyped).contains(text.utf8.count) else { return nil }
    let wanted = Array(text.lowercased().unicodeScalars)
    return words.map { ($0, editDistance(wanted, Array($0.lowercased().unicodeScalars))) }
        .filter { word, changes in changes <= max(1, max(wanted.count, word.utf8.count) / 3) }
        .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
}

private let longestMistyped = 40
