internal import FoundationEssentials
internal import Glibc
package import Platform
internal import Printable
internal import Settings
package import Wire

/// A named place in the log: everything up to it has been printed. One small file, written over after each output, so that
/// a program that is killed goes on exactly after what it printed. Used from one thread at a time.
///
/// A kill can fall between an output and the move after it, or into the middle of an output. Where standard output is a
/// regular file that is appended to (`>>`), the cursor announces each output first: the file's length before and after it,
/// and the offset that it reaches. When it is opened again with the same file, the file's length tells: the whole output
/// is there, and the cursor has its offset; or a part of it is, which is cut off and printed again. Nothing else in the
/// file is touched, as long as this tail alone writes to it. A pipe can't be asked what went through it: there a kill may
/// repeat the last output, at most ``FeedClient/most`` alerts; whoever reads it passes over offsets that it has had, which
/// every ``AlertFormat`` shows. Both files reach the disk when the kernel writes them: after
/// a loss of power compare the output's end with the cursor.
public final class Cursor: Sendable {
    static let largestFile = 4_096
    /// Bytes that the file always has: an announcement's.
    static let width = 256

    package struct Place: Codable, Equatable {
        package var log: HexNumber
        package var offset: UInt64
        /// An output that had begun when this was written; nil: all is printed up to `offset`.
        package var output: Output?
    }

    package struct Output: Codable, Equatable {
        package var file: String
        /// Bytes in the file without it and with it.
        package var from: UInt64
        package var to: UInt64
        /// The place once it is there.
        package var offset: UInt64
    }

    private let path: String
    /// Of the file that keeps the checkpoints which this reading has verified.
    let checkpointPath: String
    private let lock: FileLock
    /// Where the file stood when it was opened; nil for a new one.
    package let place: Place?
    private let output: AppendedFile?

    /// - directory: made if it is not there. name: of the letters that identities have.
    public convenience init(_ name: String, directory: String) throws {
        try self.init(name, directory: directory, output: nil)
    }

    /// - output: where this cursor's alerts are printed; nil: somewhere that has no length.
    package init(_ name: String, directory: String, output: AppendedFile?) throws {
        guard isCursorName(name) else {
            throw ReaderFailure(
                .keep, "a cursor", "--cursor \(printable(name)): must be 1 to 40 of a-z, 0-9 and -",
                status: .usage)
        }
        self.output = output
        path = Files.path("\(name).cursor", from: directory)
        checkpointPath = Files.path("\(name).checkpoint", from: directory)
        mkdir(directory, 0o700)
        let lock: FileLock?
        do throws(PlatformError) { lock = try FileLock.acquire(path) } catch {
            throw FileError(
                operation: error.operation, path: path, code: error.code,
                cause: error.detail ?? FileError.text(of: error.code))
        }
        guard let lock else {
            throw ReaderFailure(
                .keep, path, "\(path) is in use by another tail", remedy: "give each its own cursor",
                status: .tempFail)
        }
        self.lock = lock
        let bytes = try Files.read(path, limit: Cursor.largestFile)
        guard !bytes.isEmpty else {
            place = nil
            return
        }
        guard let place = Cursor.place(in: bytes) else {
            throw ReaderFailure(
                .keep, path, "\(path) is damaged", remedy: "remove it and give --since", status: .dataError)
        }
        self.place = try Cursor.settled(place, output)
    }

    /// nil for bytes that are no cursor's.
    package static func place(in bytes: [UInt8]) -> Place? {
        guard let place = try? JSONDecoder().decode(Place.self, from: Data(bytes)),
            place.offset <= WireLimits.number
        else { return nil }
        if let output = place.output {
            guard output.offset <= WireLimits.number, output.from <= output.to,
                Int64(exactly: output.to) != nil
            else { return nil }
        }
        return place
    }

    /// Finds out what became of an announced output.
    private static func settled(_ place: Place, _ file: AppendedFile?) throws(FileError) -> Place {
        guard let output = place.output else { return place }
        var place = place
        place.output = nil
        // Printed to another file since, or to none: whether it was, that file alone could tell.
        guard let file, file.identity == output.file else { return place }
        let size = file.size
        if size >= output.to {
            place.offset = output.offset
        } else if size > output.from {
            try file.cut(to: output.from)
        }
        return place
    }

    /// Keeps the place after which a new cursor's reading begins, on disk when it returns: what comes from then on is not
    /// lost, also if the program ends before it has printed anything.
    func begin(at offset: UInt64, log: UInt64) throws(FileError) {
        try advance(to: offset, log: log)
        guard fsync(lock.descriptor) == 0 else { throw FileError("sync", path, errno) }
        try Files.syncDirectory(of: path)
    }

    /// Says what is about to be printed, if it goes to a file that can be asked afterwards.
    /// - before: the place without it. offset: the place with it.
    package func announce(_ count: Int, before: UInt64, offset: UInt64, log: UInt64) throws(FileError) {
        guard let output, count > 0 else { return }
        let size = output.size
        try write(
            "{\"log\": \"\(HexNumber(log))\", \"offset\": \(wide(before)), \"output\": {\"file\": \"\(output.identity)\", "
                + "\"from\": \(wide(size)), \"to\": \(wide(size + UInt64(count))), \"offset\": \(wide(offset))}}"
        )
    }

    func advance(to offset: UInt64, log: UInt64) throws(FileError) {
        try write("{\"log\": \"\(HexNumber(log))\", \"offset\": \(wide(offset))}")
    }

    /// Always as long, so that writing over the old place is one write that never changes the file's length, in one page:
    /// a kill leaves the old place or the new one.
    private func write(_ text: String) throws(FileError) {
        let padding = String(repeating: " ", count: max(0, Cursor.width - 1 - text.utf8.count))
        let bytes = Array((text + padding + "\n").utf8)
        guard pwrite(lock.descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw FileError("write", path, errno)
        }
    }

    /// To the disk: at the end, and as often as the caller can afford it.
    package func sync() {
        fdatasync(lock.descriptor)
    }
}

/// As many characters whatever the number.
private func wide(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, 20 - digits.utf8.count)) + digits
}

private func isCursorName(_ text: String) -> Bool {
    (1...40).contains(text.utf8.count)
        && text.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
}
