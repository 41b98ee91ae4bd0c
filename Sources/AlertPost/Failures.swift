internal import Glibc
internal import Platform

extension Failure {
    init(_ error: PlatformError) {
        switch error.code {
        case EACCES, EPERM, EROFS:
            self.init(
                error.description,
                remedy: "give the program's user the right to write there; a read-only mount can't be used",
                status: .noPermission)
        case ENOSPC, EDQUOT:
            self.init(
                error.description, remedy: "make room there; df, and df -i for inodes, show what is used up",
                status: .tempFail)
        default: self.init(error.description, status: .osError)
        }
    }

    /// With what the operator can do about it.
    static func reported<Result>(
        _ work: @autoclosure () throws(PlatformError) -> Result
    ) throws(Failure) -> Result where Result: ~Copyable {
        do throws(PlatformError) { return try work() } catch { throw Failure(error) }
    }
}
