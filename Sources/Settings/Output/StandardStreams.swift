internal import Glibc

/// Why standard output took no more.
public enum OutputError: ProgramError, Equatable {
    /// Whoever read it has gone (`head`, a pager): the program ends quietly, with status 0.
    case closed
    case failed(FileError)

    public var exitStatus: ExitStatus {
        switch self {
        case .closed: .ok
        case .failed: .ioError
        }
    }

    public var description: String {
        switch self {
        case .closed: "standard output is closed"
        case .failed(let error): error.description
        }
    }
}

/// Data goes here. Unbuffered: a line is with its reader when the call returns. From one thread at a time.
public enum StandardOutput {
    /// Adds the newline.
    public static func write(line: String) throws(OutputError) { try write(Array((line + "\n").utf8)) }

    public static func write(_ bytes: [UInt8]) throws(OutputError) {
        do {
            try Descriptor(STDOUT_FILENO, path: "standard output", operation: "write").write(bytes)
        } catch {
            throw error.code == EPIPE ? .closed : .failed(error)
        }
    }

    public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    /// On a terminal that can, unless `NO_COLOR` is set to anything (no-color.org).
    public static var allowsColor: Bool { isTerminal && environmentAllowsColor }
}

/// Talk goes here: progress, warnings, errors.
public enum StandardError {
    /// Adds the newline. Where nobody listens, nothing happens.
    public static func write(line: String) { write(line + "\n") }

    /// As it is: for a line that is written over, such as progress.
    public static func write(_ text: String) {
        let stream = Descriptor(STDERR_FILENO, path: "standard error", operation: "write")
        // There is no place left to complain to.
        try? stream.write(Array(text.utf8))
    }

    public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
    public static var allowsColor: Bool { isTerminal && environmentAllowsColor }
}

public enum StandardInput {
    public static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}

private var environmentAllowsColor: Bool {
    if let choice = getenv("NO_COLOR"), choice.pointee != 0 { return false }
    if let terminal = getenv("TERM"), String(cString: terminal) == "dumb" { return false }
    return true
}

/// A text from outside, made safe for a terminal: control characters and those that turn the direction of writing are
/// shown as `\u{1B}`, so that no alert can move the cursor or disguise another line. Newlines are too.
public func printable(_ text: String) -> String {
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0xFEFF:
            safe.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
        default: safe.append(scalar)
        }
    }
    return String(safe)
}
