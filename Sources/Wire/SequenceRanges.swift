/// Topic sequences, or any numbers from 1 on, as ranges with a gap between each two of them. A value that both sides of a receipt
/// count with: what a reader has shown, and what the hub knows of it.
public struct SequenceRanges: Sendable, Equatable {
    /// Ascending.
    public private(set) var ranges: [ClosedRange<UInt64>] = []

    public init() {}

    public init(_ ranges: some Sequence<ClosedRange<UInt64>>) {
        for range in ranges { add(range) }
    }

    public var isEmpty: Bool { ranges.isEmpty }

    public func contains(_ sequence: UInt64) -> Bool {
        let place = firstPlace { $0.upperBound >= sequence }
        return place < ranges.count && ranges[place].lowerBound <= sequence
    }

    /// - Returns: what of the range was not there before, ascending.
    @discardableResult
    public mutating func add(_ range: ClosedRange<UInt64>) -> [ClosedRange<UInt64>] {
        // Ranges that touch the new one, and those that only border on it, become one with it.
        let first = firstPlace { $0.upperBound >= range.lowerBound &- (range.lowerBound > 0 ? 1 : 0) }
        var end = first
        var new: [ClosedRange<UInt64>] = []
        var next = range.lowerBound
        var whole = range
        while end < ranges.count,
            ranges[end].lowerBound <= range.upperBound &+ (range.upperBound < .max ? 1 : 0)
        {
            let old = ranges[end]
            if old.lowerBound > next { new.append(next...old.lowerBound - 1) }
            next = max(next, old.upperBound &+ (old.upperBound < .max ? 1 : 0))
            whole = min(whole.lowerBound, old.lowerBound)...max(whole.upperBound, old.upperBound)
            end += 1
        }
        if next <= range.upperBound, end == first || ranges[end - 1].upperBound < range.upperBound {
            new.append(next...range.upperBound)
        }
        ranges.replaceSubrange(first..<end, with: CollectionOfOne(whole))
        return new
    }

    /// Keeps this many of the newest ranges, and forgets the others.
    /// - Returns: whether any had to go.
    public mutating func keepLast(_ most: Int) -> Bool {
        guard ranges.count > most else { return false }
        ranges.removeFirst(ranges.count - most)
        return true
    }

    /// The place of the first range that is so, where those before are not.
    private func firstPlace(where isSo: (ClosedRange<UInt64>) -> Bool) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if isSo(ranges[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

// The ranges as the hub keeps them on disk.
extension SequenceRanges {
    /// All LEB128: for each range how far it begins behind the end of the one before, and how many follow its first.
    public var encoded: [UInt8] {
        var writer = ByteWriter(reserving: 4 * ranges.count)
        var last: UInt64 = 0
        for range in ranges {
            writer.putVarint(range.lowerBound - last)
            writer.putVarint(range.upperBound - range.lowerBound)
            last = range.upperBound
        }
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = ByteReader(bytes)
        var last: UInt64 = 0
        while !reader.isAtEnd {
            let first = last.addingReportingOverflow(try reader.takeVarint("ranges"))
            let end = first.partialValue.addingReportingOverflow(try reader.takeVarint("ranges"))
            guard !first.overflow, !end.overflow, end.partialValue <= WireLimits.number,
                // Two without a gap would be one.
                first.partialValue > (ranges.isEmpty ? 0 : last + 1)
            else { throw Malformed("ranges: out of order") }
            ranges.append(first.partialValue...end.partialValue)
            last = end.partialValue
        }
    }
}
