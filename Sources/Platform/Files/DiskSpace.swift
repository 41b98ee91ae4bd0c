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

    /// Throws where there is less than the reserve; where there is no such directory, something else says so.
    /// - key: the setting that names the reserve.
    public static func expect(_ reserve: ByteCount, at directory: String, key: String) throws {
        guard try Files.facts(of: directory)?.kind == .directory else { return }
        let free = try free(at: directory)
        guard free < Int64(clamping: reserve.bytes) else { return }
        throw Failure(
            "start: \(directory) has \(free >> 20)MiB free, and \(key) keeps \(reserve)",
            remedy: "make room there, or lower \(key); it starts again by itself", status: .tempFail)
    }
}
