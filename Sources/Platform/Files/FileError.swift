internal import Glibc

/// Why a file could not be read or written.
///
/// Prints as `read /etc/borderwire/hub.toml: No such file or directory`.
public struct FileError: ProgramError, Equatable, CustomStringConvertible {
    /// What was being done, e.g. `read`.
    public var operation: String
    public var path: String
    /// The system's errno; 0 when it was not the system that refused.
    public var code: Int32
    /// What went wrong, in words.
    public var cause: String
    /// What the operator can do; empty when the cause says it.
    public var remedy: String

    public init(operation: String, path: String, code: Int32 = 0, cause: String, remedy: String = "") {
        self.operation = operation
        self.path = path
        self.code = code
        self.cause = cause
        self.remedy = remedy
    }

    /// With the system's own words for the error number.
    public init(_ operation: String, _ path: String, _ code: Int32) {
        self.init(operation: operation, path: path, code: code, cause: FileError.text(of: code))
    }

    /// Whether there is no such file.
    public var isMissing: Bool { code == ENOENT }
    /// Whether the name is taken.
    public var isPresent: Bool { code == EEXIST }

    public var exitStatus: ExitStatus {
        switch code {
        case ENOENT, ENOTDIR, EISDIR: .noInput
        case EACCES, EPERM: .noPermission
        case EEXIST, EROFS: .cantCreate
        case 0: .dataError
        default: .ioError
        }
    }

    public var description: String {
        "\(operation) \(path): \(cause)" + (remedy.isEmpty ? "" : "; \(remedy)")
    }

    /// strerror(3): safe in threads since glibc 2.32.
    public static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}

/// What a file is, by stat(2).
public struct FileFacts: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case regular, directory, other
    }

    public var kind: Kind
    /// Permission bits, e.g. 0o600.
    public var mode: UInt32
    /// User id, and group id.
    public var owner: UInt32
    public var group: UInt32
    public var size: Int64
    /// With the time of the last change, in nanoseconds, tells one content of a path from the next.
    public var inode: UInt64
    public var modified: Int64
    /// Where an access control list opens the file to one user beside its owner, for reading, and to no one else: that
    /// user. Known only of files that were read (``Files/readWithFacts(_:limit:)``).
    public var soleReader: UInt32?

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .directory
        default: kind = .other
        }
        mode = status.st_mode & 0o7777
        owner = status.st_uid
        group = status.st_gid
        size = Int64(status.st_size)
        inode = UInt64(status.st_ino)
        // A timespec is two integers whose names Swift keeps in a module of its own.
        modified = withUnsafeBytes(of: status.st_mtim) { bytes in
            bytes.loadUnaligned(as: Int64.self) &* 1_000_000_000
                &+ bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self)
        }
    }
}
