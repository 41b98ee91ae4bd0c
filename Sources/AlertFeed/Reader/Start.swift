public import Alerts

/// Where a stream begins.
public enum Start: Sendable, Equatable {
    /// With what comes from now on.
    case now
    /// With everything the hub received since a moment.
    case since(Timestamp)
    /// After an offset; 0 is the beginning. `log`: the log that the offset belongs to, nil for the hub's present one.
    case after(UInt64, log: UInt64?)
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

    /// - Returns: the selection; nil for `missing` unless something that was asked for is not granted.
    func selection(
        _ grant: Grant, _ directory: ProvinceDirectory
    ) -> (selection: Selection, missing: Province?) {
        if provinces == nil, kinds == nil { return (.everything, nil) }
        var topics: Set<Topic> = []
        for province in provinces ?? directory.provinces {
            let granted = Kind.allCases.filter { kinds?.contains($0) ?? true }.map {
                Topic(country: province.country, province: province.slug, kind: $0)
            }.filter { grant.allows($0) }
            if granted.isEmpty, provinces != nil { return (.topics([]), province) }
            topics.formUnion(granted)
        }
        return (.topics(topics), nil)
    }
}
