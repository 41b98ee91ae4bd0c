/// Random numbers that can be had again with the same seed (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
public struct SeededRandom: RandomNumberGenerator, Sendable {
    /// What it started from: print it, and a run can be repeated.
    public let seed: UInt64
    private var state: UInt64

    public init(seed: UInt64 = .random(in: 0...UInt64(UInt32.max))) {
        self.seed = seed
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A generator of its own for one of several parties, so that their order of drawing does not matter.
    public mutating func split() -> SeededRandom { SeededRandom(seed: next()) }
}
