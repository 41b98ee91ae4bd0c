/// How a program ends, by sysexits.h: what a script can tell failures apart by.
public enum ExitStatus: Int32, Sendable, Hashable {
    /// All went as asked.
    case ok = 0
    /// The command line is wrong.
    case usage = 64
    /// The input is: an invalid or refused alert, a damaged file.
    case dataError = 65
    /// A file to be read is not there.
    case noInput = 66
    /// Something needed is not there: a hub out of reach, a program or package that is missing.
    case unavailable = 69
    /// A fault in Borderwire.
    case software = 70
    /// The system refused: no process, no thread, no port.
    case osError = 71
    /// A file to be made can't be.
    case cantCreate = 73
    /// Reading or writing failed.
    case ioError = 74
    /// Not now, maybe later: the wait ran out.
    case tempFail = 75
    /// Not allowed: no grant, wrong modes of a key file.
    case noPermission = 77
    /// The settings are wrong.
    case config = 78
}

/// An error that knows how the program that meets it should end. Its description is what the operator reads.
public protocol ProgramError: Error, Sendable, CustomStringConvertible {
    var exitStatus: ExitStatus { get }
}
