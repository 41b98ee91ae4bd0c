/// A subdivision that alerts are about and are routed by.
public struct Province: Sendable, Hashable {
    /// ISO 3166-2, e.g. `KH-9`.
    public let code: String
    /// ISO 3166-1 alpha-2 in lower case, e.g. `kh`.
    public let country: String
    /// Unique over all provinces known: `a-z`, `0-9` and `-`, e.g. `koh-kong`.
    public let slug: String
    /// The usual English name, e.g. `Koh Kong`.
    public let english: String
    public let khmer: String?
    /// Every spelling known, the English and Khmer names included.
    public let names: [String]

    public func topic(_ kind: Kind) -> Topic {
        Topic(country: country, province: slug, kind: kind)
    }
}
