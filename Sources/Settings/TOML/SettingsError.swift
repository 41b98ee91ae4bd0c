public import Platform

/// Why a settings file, or any other file in TOML, can't be used.
///
/// Prints as `hub.toml:12: ingest.prot: unknown key; did you mean ingest.port?`.
public struct SettingsError: ProgramError, Equatable, CustomStringConvertible {
    /// The path as the operator gave it.
    public var file: String
    /// From 1; nil when it is not about a line.
    public var line: Int?
    /// The dotted path, e.g. `identity[2].name`; nil when it is not about a key.
    public var key: String?
    /// What is wrong, e.g. `unknown key`.
    public var cause: String
    /// What the operator can do; empty when the cause says it.
    public var remedy: String
    /// The system's error number where the file could not be read, e.g. for want of a descriptor, so that another try may
    /// succeed on the same file; 0: what is in the file is wrong.
    public var code: Int32

    public init(
        file: String, line: Int? = nil, key: String? = nil, cause: String, remedy: String = "",
        code: Int32 = 0
    ) {
        self.file = file
        self.code = code
        self.line = line
        self.key = key
        self.cause = cause
        self.remedy = remedy
    }

    public var exitStatus: ExitStatus { .config }

    public var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if let key { text += ": \(key)" }
        text += ": \(cause)"
        if !remedy.isEmpty { text += "; \(remedy)" }
        return text
    }
}
