public import Platform
internal import Settings

/// Why a key file can't be used or made. Prints like
/// `koh-kong.key: its mode 0644 lets others in; run: chmod 0600 koh-kong.key`.
public struct KeyError: ProgramError, Equatable, CustomStringConvertible {
    public enum Cause: Sendable, Equatable {
        /// There is no such file.
        case missing
        /// Group or others have permissions on it, or it is no plain file.
        case exposed
        /// It belongs to someone else.
        case foreign
        /// It is not what it should be: no TOML, a key of a wrong length, halves that don't match.
        case damaged
        /// A secret key where a public one is wanted.
        case secret
        /// The file's name is not the name in it.
        case misnamed
        /// There already; keys are never overwritten.
        case present
        case badName
        /// The system refused.
        case system(FileError)
    }

    public var path: String
    public var cause: Cause
    public var detail: String
    /// What the operator can do; empty when the detail says it.
    public var remedy: String

    public init(path: String, cause: Cause, detail: String, remedy: String = "") {
        self.path = path
        self.cause = cause
        self.detail = detail
        self.remedy = remedy
    }

    init(_ error: FileError) {
        self.init(path: error.path, cause: .system(error), detail: error.cause, remedy: error.remedy)
    }

    /// A settings error already begins with the file and the line.
    init(_ error: SettingsError) {
        let at = error.line.map { ":\($0)" } ?? ""
        let key = error.key.map { "\($0): " } ?? ""
        self.init(
            path: error.file + at, cause: .damaged, detail: key + error.cause, remedy: error.remedy)
    }

    public var exitStatus: ExitStatus {
        switch cause {
        case .missing: .noInput
        case .exposed, .foreign, .secret: .noPermission
        case .damaged, .misnamed: .config
        case .present: .cantCreate
        case .badName: .usage
        case .system(let error): error.exitStatus
        }
    }

    public var description: String { "\(path): \(detail)" + (remedy.isEmpty ? "" : "; \(remedy)") }
}

/// A path as a shell takes it.
func shellWord(_ path: String) -> String {
    let plain = path.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "@"):
            true
        default: false
        }
    }
    if plain, !path.isEmpty { return path }
    // Byte by byte: to Swift a quote with an accent over it is no quote, to the shell it is.
    let inner = path.utf8.flatMap { $0 == UInt8(ascii: "'") ? Array("'\\''".utf8) : [$0] }
    return "'" + String(decoding: inner, as: UTF8.self) + "'"
}
