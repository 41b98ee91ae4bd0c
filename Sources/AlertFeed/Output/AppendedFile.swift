internal import Glibc
internal import Platform
internal import Settings
internal import Wire

/// An open regular file that grows at its end only: standard output after a shell's `>>`.
package struct AppendedFile: Sendable {
    private let descriptor: Int32
    /// Which file of this machine: device and inode.
    let identity: String

    /// - Returns: nil where the descriptor is a terminal, a pipe, or a file that is not appended to.
    package init?(_ descriptor: Int32) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
            fcntl(descriptor, F_GETFL) & O_APPEND != 0
        else { return nil }
        self.descriptor = descriptor
        identity = "\(HexNumber(UInt64(facts.st_dev))):\(HexNumber(UInt64(facts.st_ino)))"
    }

    /// Bytes.
    package var size: UInt64 {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return 0 }
        return UInt64(clamping: facts.st_size)
    }

    func cut(to size: UInt64) throws(FileError) {
        guard let length = Int(exactly: size), ftruncate(descriptor, length) == 0 else {
            throw FileError("cut", "standard output", errno)
        }
    }
}
