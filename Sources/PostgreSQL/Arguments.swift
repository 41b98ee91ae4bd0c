/// A value as it goes to the server, in binary.
public protocol Parameter: Sendable {
    /// The server's numbers for the type and for arrays of it (pg_type.dat).
    static var type: UInt32 { get }
    static var arrayType: UInt32 { get }
    func write(to bytes: inout [UInt8])
}

extension Int64: Parameter {
    public static let type: UInt32 = 20
    public static let arrayType: UInt32 = 1016
    public func write(to bytes: inout [UInt8]) { append(self, to: &bytes) }
}

extension Int32: Parameter {
    public static let type: UInt32 = 23
    public static let arrayType: UInt32 = 1007
    public func write(to bytes: inout [UInt8]) { append(self, to: &bytes) }
}

extension Int16: Parameter {
    public static let type: UInt32 = 21
    public static let arrayType: UInt32 = 1005
    public func write(to bytes: inout [UInt8]) { append(self, to: &bytes) }
}

extension Bool: Parameter {
    public static let type: UInt32 = 16
    public static let arrayType: UInt32 = 1000
    public func write(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

/// The server takes UTF-8 without zero bytes: those are left out.
extension String: Parameter {
    public static let type: UInt32 = 25
    public static let arrayType: UInt32 = 1009
    public func write(to bytes: inout [UInt8]) {
        if utf8.contains(0) { bytes.append(contentsOf: utf8.filter { $0 != 0 }) } else { bytes += utf8 }
    }
}

extension [UInt8]: Parameter {
    public static let type: UInt32 = 17
    public static let arrayType: UInt32 = 1001
    public func write(to bytes: inout [UInt8]) { bytes += self }
}

/// 16 bytes; others are cut or filled with zeros.
public struct UUIDBytes: Parameter {
    public static let type: UInt32 = 2950
    public static let arrayType: UInt32 = 2951
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public func write(to bytes: inout [UInt8]) {
        bytes += self.bytes.prefix(16)
        for _ in min(self.bytes.count, 16)..<16 { bytes.append(0) }
    }
}

private func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
}

/// What is bound to a statement, `$1` first.
public struct Arguments: Sendable {
    private(set) var types: [UInt32] = []
    private(set) var bytes: [UInt8] = []
    /// Where each value is in the bytes; nil is null.
    private(set) var places: [Range<Int>?] = []

    public init() {}

    public var count: Int { types.count }

    public mutating func add<Value: Parameter>(_ value: Value?) {
        types.append(Value.type)
        guard let value else {
            places.append(nil)
            return
        }
        let start = bytes.count
        value.write(to: &bytes)
        places.append(start..<bytes.count)
    }

    /// An array of one dimension.
    public mutating func add<Value: Parameter>(array: [Value]) {
        add(Value.self, count: array.count, hasNulls: false) { bytes in
            for value in array { write(value, to: &bytes) }
        }
    }

    public mutating func add<Value: Parameter>(optionals array: [Value?]) {
        add(Value.self, count: array.count, hasNulls: true) { bytes in
            for value in array {
                if let value { write(value, to: &bytes) } else { append(Int32(-1), to: &bytes) }
            }
        }
    }

    private mutating func add<Value: Parameter>(
        _: Value.Type, count: Int, hasNulls: Bool, _ elements: (inout [UInt8]) -> Void
    ) {
        types.append(Value.arrayType)
        let start = bytes.count
        append(Int32(count == 0 ? 0 : 1), to: &bytes)
        append(Int32(hasNulls ? 1 : 0), to: &bytes)
        append(Value.type, to: &bytes)
        if count > 0 {
            append(Int32(clamping: count), to: &bytes)
            append(Int32(1), to: &bytes)
            elements(&bytes)
        }
        places.append(start..<bytes.count)
    }

    /// Calls the body with libpq's arrays of values and lengths, valid within it.
    func withValues<Result>(_ body: ([UnsafePointer<CChar>?], [Int32]) -> Result) -> Result {
        // An empty value is a pointer to something, and null is none.
        (bytes.isEmpty ? [0] : bytes).withUnsafeBytes { buffer in
            let base = buffer.bindMemory(to: CChar.self).baseAddress
            return body(
                places.map { place in place.flatMap { place in base.map { $0 + place.lowerBound } } },
                places.map { Int32(clamping: $0?.count ?? 0) })
        }
    }
}

private func write<Value: Parameter>(_ value: Value, to bytes: inout [UInt8]) {
    let place = bytes.count
    append(Int32(0), to: &bytes)
    value.write(to: &bytes)
    let length = UInt32(clamping: bytes.count - place - 4)
    for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * byte)) }
}
