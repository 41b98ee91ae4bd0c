/// People on the move: how, where, how many.
public struct Movement: Sendable, Hashable {
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        case road
        case river
        case sea
        case foot
        case air
    }

    /// Seen from Cambodia.
    public enum Direction: String, Sendable, Hashable, CaseIterable {
        case entering = "in"
        case leaving = "out"
        case within = "internal"
        case unknown
    }

    public struct LastSeen: Sendable, Hashable {
        public let time: Timestamp
        public let place: String?
    }

    public let mode: Mode
    public let direction: Direction
    /// Where it came from, a place's name.
    public let from: String?
    /// Where it is going.
    public let towards: String?
    public let vehicle: Vehicle?
    /// nil when not counted.
    public let people: Int?
    /// How many of them appear to be under 18; nil when not known: then they count as minors.
    public let minors: Int?
    public let lastSeen: LastSeen?

    public var mayIncludeMinor: Bool { minors != 0 }
}

/// A vehicle or a vessel.
public struct Vehicle: Sendable, Hashable {
    public enum VehicleType: String, Sendable, Hashable, CaseIterable {
        case car
        case pickup
        case van
        case bus
        case lorry
        case motorcycle
        case threeWheeler = "three-wheeler"
        case bicycle
        case tractor
        case train
        case boat
        case ship
        case aircraft
        case other
    }

    public let type: VehicleType
    /// A plate, or a vessel's registration.
    public let plate: String?
    public let colour: String?
    public let make: String?
}
