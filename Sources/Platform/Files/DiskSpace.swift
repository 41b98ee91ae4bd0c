internal import Glibc

/// Free space on a file system, which a daemon wants to see some of before it begins.
public enum DiskSpace {
    /// What a caller without privileges may still write below this directory, in bytes (statvfs(3)).
    public static func free(at directory: String) throws(FileError) -> Int64 {
        var facts = statvfs()
        while statvfs(directory, &facts) != 0 {
            let code = errno
            if code != EINTR { throw FileError("look for free space at", directory, code) }
        }
        let (bytes, isOverflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(
            by: UInt64(facts.f_frsize))
        return isOverflow ? .max : Int64(clamping: bytes)
    }

    /// What is too little, for an error; nil when there is enough.
    /// - key: the setting that names the reserve.
    public static func shortage(at directory: String, reserve: ByteCount, key: String) throws(FileError)
        -> String?
    {
        let free = try free(at: directory)
        guard free < Int64(clamping: reserve.bytes) else { return nil }
        return "start: \(directory) has \(free >> 20)MiB free, and \(key) keeps \(reserve)"
    }
}
