internal import Glibc
public import Platform

/// Written `"512B"`, `"64KiB"`, `"1MiB"`, `"2GiB"`, or as a plain whole number.
extension ByteCount: Decodable {
    /// nil when it is not such a text, or too large for the machine.
    public init?(settingText text: String) {
        let units: [(String, Int)] = [
            ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1),
        ]
        guard let (number, unit) = splitUnit(text),
            let factor = units.first(where: { $0.0 == unit })?.1, let count = Int(exactly: number)
        else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        self.init(bytes: bytes)
    }

    static let settingRule = "a size such as \"64KiB\" (B, KiB, MiB, GiB)"

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        let text = try? value.decode(String.self)
        let number = text == nil ? try? value.decode(Int.self) : nil
        if let text, let size = ByteCount(settingText: text) {
            self = size
        } else if let number, number >= 0 {
            self.init(bytes: number)
        } else {
            throw DecodingError.dataCorruptedError(
                in: value, debugDescription: "must be \(ByteCount.settingRule)")
        }
    }
}

extension Duration {
    static let settingRule = "a duration such as \"10s\" (ms, s, m, h, d)"

    /// Reads `250ms`, `10s`, `5m`, `24h`, `7d`; nil when it is not such a text. Never negative.
    public init?(settingText text: String) {
        let units: [(String, UInt64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        guard let (number, unit) = splitUnit(text), let factor = units.first(where: { $0.0 == unit })?.1
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow, let milliseconds = Int64(exactly: product) else { return nil }
        self = .milliseconds(milliseconds)
    }

    /// The same in the largest unit that is exact, rounded down to whole milliseconds: `5m`, `90s`, `250ms`.
    public var settingText: String {
        let (seconds, attoseconds) = components
        let rest = attoseconds / 1_000_000_000_000_000
        if rest != 0 {
            let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? "\(seconds)s" : "\(scaled + rest)ms"
        }
        for (unit, factor) in [("d", Int64(86_400)), ("h", 3600), ("m", 60)]
        where seconds != 0 && seconds % factor == 0 {
            return "\(seconds / factor)\(unit)"
        }
        return "\(seconds)s"
    }
}

/// A path in a settings file; a relative one is relative to the directory of that file.
///
/// `credential:NAME` is the credential NAME where the service manager gives one (systemd.exec(5), LoadCredential), and
/// the file NAME beside the settings for whoever runs a program by hand.
public struct SettingsPath: Decodable, Sendable, Hashable, CustomStringConvertible {
    static let credentialPrefix = "credential:"

    /// Ready to be opened.
    public var path: String

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        let text = try value.decode(String.self)
        let given = getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
        guard
            let path = SettingsPath.resolve(
                text, from: decoder.userInfo[.directory] as? String ?? "", credentials: given)
        else {
            throw DecodingError.dataCorruptedError(
                in: value,
                debugDescription: text.hasPrefix(SettingsPath.credentialPrefix)
                    ? "must be credential:NAME with the name of one file" : "must be a path, not empty")
        }
        self.path = path
    }

    /// - credentials: the service manager's directory; nil where a program was started otherwise.
    /// - Returns: nil when the text is no path.
    static func resolve(_ text: String, from directory: String, credentials: String?) -> String? {
        guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
        guard text.hasPrefix(credentialPrefix) else { return Files.path(text, from: directory) }
        let name = String(text.dropFirst(credentialPrefix.count))
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")) else {
            return nil
        }
        guard let credentials, !credentials.isEmpty else { return Files.path(name, from: directory) }
        return Files.path(name, from: credentials)
    }

    public var description: String { path }
}

/// `64KiB` as 64 and `KiB`: decimal digits, then letters.
private func splitUnit(_ text: String) -> (UInt64, String)? {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard let number = UInt64(digits) else { return nil }
    return (number, String(text.dropFirst(digits.count)))
}
