/// A number of bytes, said as `512B`, `64KiB`, `1MiB` or `2GiB`.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Never negative.
    public var bytes: Int

    public init(bytes: Int) { self.bytes = max(0, bytes) }
    public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count * 1024) }
    public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count * 1024 * 1024) }

    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    public var description: String {
        for (unit, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        where bytes >= factor && bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return "\(bytes)B"
    }
}
