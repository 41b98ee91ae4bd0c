/// Messages of several frames in one input: each frame after its length in two bytes, the last one to the end.
public enum Frames {
    /// Any bytes are some frames.
    public static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var rest = bytes[...]
        while rest.count >= 2 {
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            frames.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return frames
    }

    /// - frames: of at most 65,535 bytes each.
    public static func join(_ frames: [[UInt8]]) -> [UInt8] {
        frames.flatMap { frame in
            [UInt8(truncatingIfNeeded: frame.count >> 8), UInt8(truncatingIfNeeded: frame.count)] + frame
        }
    }
}
