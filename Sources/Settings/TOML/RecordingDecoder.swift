/// A decoder and its containers that pass everything on to another's, and note the keys asked for.
struct RecordingDecoder: Decoder {
    let base: any Decoder

    var codingPath: [any CodingKey] { base.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { base.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let log = base.userInfo[.keyLog] as? KeyLog
        // A container knows only the keys that its key type knows; all of them are wanted here.
        let present = try base.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        log?.open(keyPath(base.codingPath), present: present)
        return KeyedDecodingContainer(
            RecordingTable(base: try base.container(keyedBy: type), log: log))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        RecordingArray(base: try base.unkeyedContainer())
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        RecordingValue(base: try base.singleValueContainer())
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// What, beside integers, the standard library decodes without asking for containers that could hold keys.
private protocol Scalar {}
extension Bool: Scalar {}
extension String: Scalar {}
extension Double: Scalar {}
extension Float: Scalar {}

private struct RecordingTable<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let base: KeyedDecodingContainer<Key>
    let log: KeyLog?

    var codingPath: [any CodingKey] { base.codingPath }
    var allKeys: [Key] { base.allKeys }

    private func ask(_ key: Key) { log?.ask(key.stringValue, in: keyPath(base.codingPath)) }

    func contains(_ key: Key) -> Bool {
        ask(key)
        return base.contains(key)
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        guard base.contains(key) else { throw missing(key) }
        ask(key)
        return try base.decodeNil(forKey: key)
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        guard base.contains(key) else { throw missing(key) }
        ask(key)
        return try base.decode(Recorded<T>.self, forKey: key).value
    }

    func nestedContainer<Inner: CodingKey>(
        keyedBy type: Inner.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Inner> {
        try superDecoder(forKey: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try superDecoder(forKey: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { RecordingDecoder(base: try base.superDecoder()) }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        guard base.contains(key) else { throw missing(key) }
        ask(key)
        return RecordingDecoder(base: try base.superDecoder(forKey: key))
    }

    private func missing(_ key: Key) -> DecodingError {
        .keyNotFound(key, .init(codingPath: base.codingPath, debugDescription: "missing"))
    }
}

private struct RecordingArray: UnkeyedDecodingContainer {
    var base: any UnkeyedDecodingContainer

    var codingPath: [any CodingKey] { base.codingPath }
    var count: Int? { base.count }
    var isAtEnd: Bool { base.isAtEnd }
    var currentIndex: Int { base.currentIndex }

    mutating func decodeNil() throws -> Bool { try base.decodeNil() }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try base.decode(Recorded<T>.self).value
    }

    mutating func nestedContainer<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        try superDecoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try superDecoder().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { RecordingDecoder(base: try base.superDecoder()) }
}

private struct RecordingValue: SingleValueDecodingContainer {
    let base: any SingleValueDecodingContainer

    var codingPath: [any CodingKey] { base.codingPath }

    func decodeNil() -> Bool { base.decodeNil() }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if let integer = type as? any FixedWidthInteger.Type {
            return try decodeInteger(integer, from: base, as: type)
        }
        // Another scalar decodes itself from this very container: recording it again would never end.
        if type is any Scalar.Type { return try base.decode(type) }
        return try base.decode(Recorded<T>.self).value
    }
}
