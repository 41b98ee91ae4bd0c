internal import Glibc
public import Platform
internal import Printable

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
    /// Data as it is; adds the newline.
    public static func write(line: String) throws(OutputError) { try write(Array((line + "\n").utf8)) }

    /// Words for a person, made ``printable(_:atMost:)``: one line whatever is in them. Adds the newline.
    public static func write(words: String) throws(OutputError) {
        try write(line: printable(words, atMost: longestLine))
    }

    public static func write(_ bytes: [UInt8]) throws(OutputError) {
        do {
            try Descriptor(STDOUT_FILENO, path: "standard output", operation: "write").write(bytes)
        } catch {
            throw error.code == EPIPE ? .closed : .failed(error)
        }
    }

    public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    /// Of the terminal, as its window is now; nil where there is none, or it doesn't say.
    public static var columns: Int? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
    /// Whether marks are drawn on their letters there; the Linux console gives each a column of its own.
    public static var composesMarks: Bool { getenv("TERM").map { String(cString: $0) } != "linux" }
    /// On a terminal that can, unless `NO_COLOR` is set to anything (no-color.org).
    public static var allowsColor: Bool { isTerminal && environmentAllowsColor }
}

/// Talk goes here: progress, warnings, errors.
public enum StandardError {
    /// Made ``printable(_:atMost:)``; adds the newline. What follows a line feed is indented: nothing that a text brings along
    /// can begin a line as if the program spoke. Where nobody listens, nothing happens.
    public static func write(line: String) {
        let lines = line.split(separator: "\n", omittingEmptySubsequences: false)
        write(lines.map { printable(String($0), atMost: longestLine) }.joined(separator: "\n  ") + "\n")
    }

    /// As it is: for a line that is written over, such as progress.
    public static func write(_ text: String) {
        let stream = Descriptor(STDERR_FILENO, path: "standard error", operation: "write")
        // There is no place left to complain to.
        try? stream.write(Array(text.utf8))
    }

    public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

public enum StandardInput {
    public static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}

/// Characters of a line for a person, at most: what is longer is cut.
private let longestLine = 16_000

/// Puts /dev/null where a program was started with descriptor 0, 1 or 2 closed. The first file that it opens would get that
/// number otherwise, and what it prints would be written into that file.
/// - Returns: false where there is no /dev/null.
func openStandardStreams() -> Bool {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
        // open(2) gives the lowest number that is free.
        guard open("/dev/null", O_RDWR) == number else { return false }
    }
    return true
}

private var environmentAllowsColor: Bool {
    if let choice = getenv("NO_COLOR"), choice.pointee != 0 { return false }
    if let terminal = getenv("TERM"), String(cString: terminal) == "dumb" { return false }
    return true
}
