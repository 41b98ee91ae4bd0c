public import Alerts
internal import Wire

/// Where a stream begins.
public enum Start: Sendable, Equatable {
    /// With what comes from now on.
    case now
    /// With everything the hub received since a moment.
    case since(Timestamp)
    /// The same, with a moment so long before the hub's clock when it was greeted: the reader's own may be wrong.
    case ago(Duration)
    /// After an offset; 0 is the beginning. `log`: the log that the offset belongs to, nil for the hub's present one.
    case after(UInt64, log: UInt64?)
    /// With about so many alerts before the log's end when the hub was greeted, of those that may be read.
    case last(Int)
}

extension Start {
    /// After which offset about so many alerts are that a reader may read, when they are as dense as in the whole log. An alert of
    /// several topics counts for each, so that it may be some fewer.
    static func before(_ welcome: Reply.Welcome, alerts: Int) -> UInt64 {
        let readable = welcome.topics.reduce(UInt64(0)) {
            $0.addingReportingOverflow($1.sequence).partialValue
        }
        let wanted = UInt64(max(alerts, 0))
        guard readable > wanted else { return 0 }
        let span = max(Double(wanted), Double(wanted) * Double(welcome.offset) / Double(readable))
        return welcome.offset - min(welcome.offset, UInt64(exactly: span.rounded()) ?? .max)
    }
}

/// Where a reading ends before the log does.
public enum Until: Sendable, Equatable {
    /// Before what the hub received at a moment or later; the log never goes back in time.
    case before(Timestamp)
    /// The same, with a moment so long before the hub's clock when it was greeted.
    case ago(Duration)
    /// With an offset.
    case through(UInt64)

    /// - now: the hub's clock when it was greeted.
    func excludes(_ alert: StreamedAlert, now: Timestamp) -> Bool {
        switch self {
        case .before(let moment): alert.received >= moment
        case .ago(let span): alert.received >= now.before(span)
        case .through(let offset): alert.offset > offset
        }
    }
}

/// What a reader asks for, as people say it.
public struct Wanted: Sendable, Equatable {
    /// Nil: all that is granted.
    public var provinces: [Province]?
    public var kinds: Set<Kind>?

    public init(provinces: [Province]? = nil, kinds: Set<Kind>? = nil) {
        self.provinces = provinces
        self.kinds = kinds
    }

    /// What a grant makes of it.
    enum Answer: Equatable {
        case topics(Selection)
        /// Asked for and not granted, as a grant would name it: `koh-kong`, `koh-kong/suspect`, `all/suspect`.
        case missing(String)
    }

    func selection(_ grant: Grant, _ directory: ProvinceDirectory) -> Answer {
        if provinces == nil, kinds == nil { return .topics(.everything) }
        let asked = Kind.allCases.filter { kinds?.contains($0) ?? true }
        let suffix = asked.count == 1 ? "/\(asked[0].rawValue)" : ""
        var topics: Set<Topic> = []
        for province in provinces ?? directory.provinces {
            let granted = asked.map {
                Topic(country: province.country, province: province.slug, kind: $0)
            }.filter { grant.allows($0) }
            if granted.isEmpty, provinces != nil { return .missing(province.slug + suffix) }
            topics.formUnion(granted)
        }
        // In a request, no topics would mean all of them.
        return topics.isEmpty ? .missing("all" + suffix) : .topics(.topics(topics))
    }
}
