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
