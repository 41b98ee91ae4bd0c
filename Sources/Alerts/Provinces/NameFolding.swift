/// A name's folded form: two spellings that people take for the same name fold to the same text. As a search's words
/// (``TextFolding``), and spaces, hyphens and dots don't count either.
func foldedName(_ name: String) -> String {
    var folding = TextFolding()
    folding.add(name)
    return String(
        decoding: folding.bytes.filter { $0 != TextFolding.gap && $0 != TextFolding.end }, as: UTF8.self)
}
