internal import CTOML
internal import FoundationEssentials
internal import Platform

/// Reads a TOML file into a type. A key that the type never asks for is an error: a mistyped setting must not be
/// taken for an absent one.
///
/// `Duration` is read from a string such as `"10s"`; ``ByteCount`` and ``SettingsPath`` say what they are read from.
/// - limit: bytes in the file, at most.
public func decodeTOML<T: Decodable>(
    _ type: T.Type, file: String, limit: Int = TOMLDocument.largestFile
) throws(SettingsError) -> T {
    try TOMLDocument(file: file, limit: limit).decode(type)
}

/// A parsed TOML text that still knows where each key stands. A value.
public struct TOMLDocument: Sendable {
    /// Bytes in a settings file, at most: 1 MiB.
    public static let largestFile = 1 << 20

    /// The name that errors begin with: the path as given.
    public let file: String
    let json: [UInt8]
    let keys: [String: KeyPlace]

    /// The file is read whole. Errors say what is missing or malformed, with the line.
    public init(file: String, limit: Int = TOMLDocument.largestFile) throws(SettingsError) {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(file, limit: limit)
        } catch {
            throw SettingsError(file: file, cause: error.cause, remedy: error.remedy, code: error.code)
        }
        try self.init(text: bytes, file: file)
    }

    /// - file: names the text in errors, and relative ``SettingsPath``s are relative to its directory.
    public init(text: [UInt8], file: String) throws(SettingsError) {
        self.file = file
        var result = text.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty array may have no address.
                characters.baseAddress.map { ctoml_parse($0, characters.count) } ?? ctoml_parse("", 0)
            }
        }
        defer { ctoml_free(&result) }
        guard let json = result.json, let keys = result.keys else {
            let cause = result.error.map { String(cString: $0) } ?? "out of memory"
            let line = Int(result.line)
            throw SettingsError(
                file: file, line: line > 0 ? line : nil,
                cause: line > 0 ? "column \(result.column): \(cause)" : cause)
        }
        self.json = Array(String(cString: json).utf8)
        do {
            self.keys = try JSONDecoder().decode(
                [String: KeyPlace].self, from: Data(String(cString: keys).utf8))
        } catch {
            throw SettingsError(file: file, cause: "can't be indexed: \(error)")
        }
    }

    /// The document as a value. Every key of the file has to be one that the type asks for.
    public func decode<T: Decodable>(_ type: T.Type) throws(SettingsError) -> T {
        let log = KeyLog()
        let decoder = JSONDecoder()
        decoder.userInfo[.keyLog] = log
        decoder.userInfo[.directory] = Files.directory(of: file)
        let value: T
        do {
            value = try decoder.decode(Recorded<T>.self, from: Data(json)).value
        } catch let error as DecodingError {
            throw settingsError(for: error, log)
        } catch let error as SettingsError {
            throw error
        } catch {
            throw SettingsError(file: file, cause: "\(error)")
        }
        if let stray = log.strays(among: keys).first { throw unknown(stray) }
        return value
    }

    /// Line of a key by its dotted path, e.g. `identity[2].name`, from 1; nil when the file does not have it.
    public func line(of key: String) -> Int? { keys[key]?.line }

    /// An error about a key, for checks that need more than one value.
    public func error(at key: String, _ cause: String, remedy: String = "") -> SettingsError {
        SettingsError(file: file, line: nearestLine(of: key), key: key, cause: cause, remedy: remedy)
    }

    /// Where the key stands, or else the table that should hold it.
    private func nearestLine(of key: String) -> Int? {
        var path = Substring(key)
        while !path.isEmpty {
            if let place = keys[String(path)] { return place.line }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<end]
        }
        return nil
    }

    private func unknown(_ stray: KeyLog.Stray) -> SettingsError {
        error(
            at: stray.path, "unknown key",
            remedy: stray.nearest.map { "did you mean \($0)?" } ?? "remove it")
    }

    private func settingsError(for error: DecodingError, _ log: KeyLog) -> SettingsError {
        switch error {
        case .keyNotFound(let key, let context):
            let table = keyPath(context.codingPath)
            // A mistyped key is both missing and unknown; the operator wants to hear of the line that is there.
            if let stray = log.stray(in: table, insteadOf: key.stringValue) { return unknown(stray) }
            return self.error(at: keyPath(context.codingPath + [key]), "missing")
        case .valueNotFound(_, let context):
            return self.error(at: keyPath(context.codingPath), "missing")
        case .typeMismatch(let type, let context):
            let path = keyPath(context.codingPath)
            let found = keys[path].map { ", not \($0.what)" } ?? ""
            return self.error(at: path, "must be \(nameOfKind(type))\(found)")
        case .dataCorrupted(let context):
            return self.error(at: keyPath(context.codingPath), context.debugDescription)
        @unknown default:
            return SettingsError(file: file, cause: "\(error)")
        }
    }
}

/// Where a key stands and what its value is, in words.
struct KeyPlace: Decodable, Sendable {
    let line: Int
    let what: String

    init(from decoder: any Decoder) throws {
        var pair = try decoder.unkeyedContainer()
        line = try pair.decode(Int.self)
        what = try pair.decode(String.self)
    }
}

/// A Swift type in the words of a settings file.
private func nameOfKind(_ type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any FixedWidthInteger.Type: "a whole number"
    case is any FloatingPoint.Type: "a number"
    case is [Any].Type: "an array"
    case is [String: Any].Type: "a table"
    default: "of another type (\(type))"
    }
}
