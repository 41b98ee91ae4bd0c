/// Which topics an identity may publish or read: provinces, or provinces and kinds, or all.
///
/// Nothing is granted by default. Written `all`, `koh-kong` (every kind), `prey-veng/suspect`, `all/movement`.
public struct Grant: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        /// The province's slug; nil: every province.
        var province: String?
        /// nil: every kind.
        var kind: Kind?

        var text: String { (province ?? "all") + (kind.map { "/\($0.rawValue)" } ?? "") }

        func covers(_ other: Entry) -> Bool {
            (province == nil || province == other.province) && (kind == nil || kind == other.kind)
        }
    }

    /// No entry covers another: equal grants are equal values.
    let entries: Set<Entry>

    public static let none = Grant(entries: [])
    /// Every province and kind.
    public static let all = Grant(entries: [Entry(province: nil, kind: nil)])

    init(entries: Set<Entry>) {
        self.entries = entries.filter { entry in
            !entries.contains { $0 != entry && $0.covers(entry) }
        }
    }

    public var isEmpty: Bool { entries.isEmpty }

    public func allows(_ topic: Topic) -> Bool {
        entries.contains {
            $0.covers(Entry(province: topic.province, kind: topic.kind))
        }
    }

    /// What of this grant another does not cover.
    public func beyond(_ other: Grant) -> Grant {
        Grant(entries: entries.filter { entry in !other.entries.contains { $0.covers(entry) } })
    }

    /// Whether some topic is granted by both.
    public func overlaps(_ other: Grant) -> Bool {
        entries.contains { entry in
            other.entries.contains {
                ($0.province == nil || entry.province == nil || $0.province == entry.province)
                    && ($0.kind == nil || entry.kind == nil || $0.kind == entry.kind)
            }
        }
    }

    /// What of it is of every kind, or of this one; and what is of others alone.
    public func parts(of kind: Kind) -> (with: Grant, without: Grant) {
        let with = entries.filter { $0.kind == nil || $0.kind == kind }
        return (Grant(entries: with), Grant(entries: entries.subtracting(with)))
    }

    /// Ascending; `[]` when nothing is granted.
    public var texts: [String] { entries.map(\.text).sorted() }
}

extension Grant {
    /// Reads entries written with slugs, as ``texts`` gives them; nil when one is not such an entry.
    public init?(slugs texts: [String]) {
        var entries: Set<Entry> = []
        for text in texts {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            let kind = parts.count == 2 ? Kind(rawValue: parts[1]) : nil
            guard parts.count == 1 || kind != nil, !parts[0].isEmpty else { return nil }
            entries.insert(Entry(province: parts[0] == "all" ? nil : parts[0], kind: kind))
        }
        self.init(entries: entries)
    }

    /// A grant's text that names no province or kind.
    public struct Unknown: Error, Sendable, Equatable {
        public var text: String
        public var nearest: [Province]
    }

    /// Reads entries whose provinces are written by any of their names.
    public init(_ texts: [String], provinces: ProvinceDirectory) throws(Unknown) {
        var entries: Set<Entry> = []
        for text in texts {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            var entry = Entry(province: nil, kind: nil)
            if parts.count == 2 {
                guard let kind = Kind(rawValue: parts[1]) else { throw Unknown(text: text, nearest: []) }
                entry.kind = kind
            }
            if parts[0] != "all" {
                guard let province = provinces.find(parts[0]) else {
                    throw Unknown(text: text, nearest: provinces.nearest(parts[0], count: 3))
                }
                entry.province = province.slug
            }
            entries.insert(entry)
        }
        self.init(entries: entries)
    }
}
