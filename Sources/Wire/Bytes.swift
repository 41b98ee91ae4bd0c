internal import Notation

/// Builds a frame: big-endian integers, and LEB128 for numbers that are mostly small.
struct ByteWriter {
    var bytes: [UInt8]

    init(reserving count: Int = 64) {
        bytes = []
        bytes.reserveCapacity(count)
    }

    mutating func put<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func putVarint(_ value: UInt64) { LEB128.append(value, to: &bytes) }

    mutating func put(_ piece: [UInt8]) {
        bytes.append(contentsOf: piece)
    }

    mutating func put(_ piece: RawSpan) {
        piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// In decimal digits.
    mutating func putDigits(_ value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// As 16 lower-case hexadecimal digits.
    mutating func putHex(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { for byte in $0 { bytes.append(hexOf: byte) } }
    }
}

/// Reads a frame from its beginning; every read checks that the bytes are there.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take<Integer: FixedWidthInteger>(
        _: Integer.Type, _ what: @autoclosure () -> String
    ) throws(Malformed) -> Integer {
        let size = MemoryLayout<Integer>.size
        guard bytes.count - position >= size else { throw Malformed("\(what()): cut short") }
        var value: Integer = 0
        for byte in bytes[position..<position + size] {
            value = value << 8 | Integer(truncatingIfNeeded: byte)
        }
        position += size
        return value
    }

    mutating func takeVarint(_ what: @autoclosure () -> String) throws(Malformed) -> UInt64 {
        // A local copy: the span and the position are both of self.
        var position = position
        defer { self.position = position }
        do throws(LEB128.Malformed) { return try LEB128.read(bytes.span.bytes, at: &position) } catch {
            switch error {
            case .cutShort: throw Malformed("\(what()): cut short")
            case .tooLarge: throw Malformed("\(what()): more than 64 bits")
            case .notShortest: throw Malformed("\(what()): not the shortest LEB128")
            }
        }
    }

    mutating func take(count: Int, _ what: @autoclosure () -> String) throws(Malformed) -> [UInt8] {
        guard count >= 0, bytes.count - position >= count else { throw Malformed("\(what()): cut short") }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// A number that must be within ``WireLimits/number``, and at least `least`.
    mutating func takeNumber(
        atLeast least: UInt64 = 0, _ what: @autoclosure () -> String
    ) throws(Malformed) -> UInt64 {
        try ByteReader.check(try take(UInt64.self, what()), atLeast: least, what())
    }

    /// The same, written as LEB128.
    mutating func takeShortNumber(
        atLeast least: UInt64, _ what: @autoclosure () -> String
    ) throws(Malformed) -> UInt64 {
        try ByteReader.check(try takeVarint(what()), atLeast: least, what())
    }

    private static func check(
        _ value: UInt64, atLeast least: UInt64, _ what: @autoclosure () -> String
    ) throws(Malformed) -> UInt64 {
        guard value >= least, value <= WireLimits.number else {
            throw Malformed("\(what()): \(value) is out of range")
        }
        return value
    }
}

/// The pieces of an alert, each after its length.
extension ByteWriter {
    mutating func putPiece(_ piece: [UInt8]) {
        putVarint(UInt64(piece.count))
        put(piece)
    }

    mutating func putPiece(_ piece: RawSpan) {
        putVarint(UInt64(piece.byteCount))
        put(piece)
    }

    /// Topics with a sequence each: how many, then each number and its sequence.
    mutating func putDeliveries(_ deliveries: [Heads.Entry]) {
        putVarint(UInt64(deliveries.count))
        for delivery in deliveries {
            putVarint(UInt64(delivery.topic))
            putVarint(delivery.sequence)
        }
    }
}

extension ByteReader {
    mutating func takeDeliveries() throws(Malformed) -> [Heads.Entry] {
        var deliveries: [Heads.Entry] = []
        for _ in 0..<(try takeVarint("deliveries")) {
            let number = try takeVarint("topic number")
            guard let topic = UInt32(exactly: number), topic >= 1 else {
                throw Malformed("topic number: \(number) is out of range")
            }
            deliveries.append(
                Heads.Entry(topic: topic, sequence: try takeShortNumber(atLeast: 1, "topic sequence")))
        }
        return deliveries
    }

    mutating func takePiece(_ name: String) throws(Malformed) -> [UInt8] {
        let count = try takeVarint(name)
        guard count <= UInt64(WireLimits.piece) else {
            throw Malformed("\(name): \(count) bytes, at most \(WireLimits.piece)", code: .size)
        }
        return try take(count: Int(count), name)
    }
}

/// The four bytes that every header begins with.
enum Preamble {
    static let version = WireLimits.version
    /// Bytes.
    static let length = 4

    enum Form: UInt8 {
        case alert = 0x01
        case delivery = 0x02
        case heartbeat = 0x03
        case checkpoint = 0x04
        case escalations = 0x05
        case batch = 0x06
        case control = 0x10
    }

    /// How the bytes of alerts after a header are written: as they are. Another way gets another number; whoever doesn't know
    /// it takes the message as lost.
    static let plain: UInt8 = 0

    static func checkCoding(_ reader: inout ByteReader) throws(Malformed) {
        let coding = try reader.take(UInt8.self, "coding")
        guard coding == plain else {
            throw Malformed("coding: \(coding) is not known to this program", code: .unsupported)
        }
    }

    static func put(_ type: Form, into writer: inout ByteWriter) {
        writer.put([0x42, 0x57, version, type.rawValue])
    }

    static func check(_ type: Form, in reader: inout ByteReader) throws(Malformed) {
        let letters = try reader.take(UInt16.self, "header")
        let spoken = try reader.take(UInt8.self, "header")
        let form = try reader.take(UInt8.self, "header")
        guard letters == 0x4257 else { throw Malformed("header: doesn't begin with BW") }
        guard spoken == version else {
            throw Malformed(
                "header: protocol version \(spoken), this program speaks \(version)", code: .version,
                version: spoken)
        }
        guard form == type.rawValue else {
            throw Malformed("header: type \(form), expected \(type.rawValue)")
        }
    }
}
