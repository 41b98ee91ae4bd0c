internal import Glibc
internal import Platform

extension Failure {
    init(_ error: OutboxError) {
        let status: ExitStatus =
            switch error.cause {
            case .full, .tooMany, .busy, .taken: .tempFail
            case .readOnly: .noPermission
            case .missing: .cantCreate
            case .newerVersion, .endedFormat, .damaged, .waiting: .dataError
            case .other: .ioError
            }
        self.init("\(error.operation) \(error.path): \(error.detail)", remedy: error.remedy, status: status)
    }

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

    static func reported<Result>(
        _ work: () throws(PlatformError) -> Result
    ) throws(Failure) -> Result {
        do throws(PlatformError) { return try work() } catch { throw Failure(error) }
    }

    static func reported<Result>(
        _ work: () throws(OutboxError) -> Result
    ) throws(Failure) -> Result {
        do throws(OutboxError) { return try work() } catch { throw Failure(error) }
    }
}
