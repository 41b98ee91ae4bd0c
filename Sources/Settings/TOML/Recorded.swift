internal import Spelling

/// Decodes a value and writes down, in the decoder's ``KeyLog``, which keys it asks for on the way.
///
/// It stands between JSONDecoder and the value at every level, which is also what lets it name durations, ranges and
/// allowed values in the words of a settings file.
struct Recorded<Value: Decodable>: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
        if Value.self == Duration.self {
            value = try Recorded.duration(from: decoder)
            return
        }
        if let integer = Value.self as? any FixedWidthInteger.Type {
            value = try decodeInteger(integer, from: decoder.singleValueContainer(), as: Value.self)
            return
        }
        do {
            value = try Value(from: RecordingDecoder(base: decoder))
        } catch DecodingError.dataCorrupted(let context)
            where context.codingPath.count == decoder.codingPath.count
        {
            let word = try? decoder.singleValueContainer().decode(String.self)
            guard let rule = Recorded.rule(word) else { throw DecodingError.dataCorrupted(context) }
            throw DecodingError.dataCorrupted(
                .init(codingPath: context.codingPath, debugDescription: rule))
        }
    }

    private static func duration(from decoder: any Decoder) throws -> Value {
        guard let text = try? decoder.singleValueContainer().decode(String.self),
            let duration = Duration(settingText: text), let value = duration as? Value
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "must be \(Duration.settingRule)"))
        }
        return value
    }

    /// What a value of this type has to be, where Swift's own words would not help an operator.
    /// - word: what the file has, if it is a text.
    private static func rule(_ word: String?) -> String? {
        if let cases = Value.self as? any CaseIterable.Type {
            let words = rawValues(of: cases)
            guard !words.isEmpty else { return nil }
            let meant = word.flatMap { nearest(to: $0, among: words) }.map { "; did you mean \($0)?" } ?? ""
            return "must be one of \(words.joined(separator: ", "))\(meant)"
        }
        return nil
    }
}

/// Reads a TOML integer, which has 64 bits, into a narrower or unsigned type.
///
/// JSONDecoder reports a number out of range without saying where it stands.
func decodeInteger<T: FixedWidthInteger, Value>(
    _: T.Type, from container: any SingleValueDecodingContainer, as _: Value.Type
) throws -> Value {
    do {
        if let value = T(exactly: try container.decode(Int64.self)) as? Value { return value }
    } catch let error as DecodingError {
        if case .typeMismatch = error { throw error }
    } catch {
        // A number with a fraction.
    }
    throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "must be a whole number from \(T.min) to \(T.max)")
}

private func rawValues<T: CaseIterable>(of _: T.Type) -> [String] {
    T.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
}

extension CodingUserInfoKey {
    static var keyLog: CodingUserInfoKey { key("borderwire.keyLog") }
    /// Directory of the file being decoded, as a String.
    static var directory: CodingUserInfoKey { key("borderwire.directory") }

    private static func key(_ name: String) -> CodingUserInfoKey {
        guard let key = CodingUserInfoKey(rawValue: name) else { preconditionFailure("no key \(name)") }
        return key
    }
}
