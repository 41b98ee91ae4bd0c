internal import FoundationEssentials
internal import Glibc
internal import Settings
internal import Wire

/// A named place in the log: everything up to it has been printed. One small file, written over after each output, so that
/// a program that is killed goes on exactly after what it printed. Used from one thread.
public final class Cursor: Sendable {
    static let largestFile = 4_096

    struct Place: Codable, Equatable {
        var log: HexNumber
        var offset: UInt64
    }

    private let path: String
    private let descriptor: Int32
    /// Where the file stood when it was opened; nil for a new one.
    let place: Place?

    /// - directory: made if it is not there. name: of the letters that identities have.
    public init(_ name: String, directory: String) throws {
        guard isCursorName(name) else {
            throw ReaderFailure(
                "--cursor \(printable(name)): must be 1 to 40 of a-z, 0-9 and -", status: .usage)
        }
        path = Files.path("\(name).cursor", from: directory)
        mkdir(directory, 0o700)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let path = path
            close(descriptor)
            throw ReaderFailure(
                "\(path) is in use by another tail", remedy: "give each its own cursor", status: .tempFail)
        }
        let bytes = try Files.read(path, limit: Cursor.largestFile)
        guard !bytes.isEmpty else {
            place = nil
            return
        }
        guard let place = try? JSONDecoder().decode(Place.self, from: Data(bytes)) else {
            let path = path
            close(descriptor)
            throw ReaderFailure(
                "\(path) is damaged", remedy: "remove it and give --since", status: .dataError)
        }
        self.place = place
    }

    deinit {
        close(descriptor)
    }

    /// Fixed width, so that writing over the old place is one write that never changes the file's length.
    func move(to offset: UInt64, log: UInt64) throws(FileError) {
        let digits = String(offset)
        let padding = String(repeating: " ", count: max(0, 20 - digits.utf8.count))
        let text = "{\"log\": \"\(HexNumber(log))\", \"offset\": \(padding)\(digits)}\n"
        let bytes = Array(text.utf8)
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw FileError("write", path, errno)
        }
    }

    /// To the disk: at the end, and as often as the caller can afford it.
    func sync() {
        fdatasync(descriptor)
    }
}

private func isCursorName(_ text: String) -> Bool {
    (1...40).contains(text.utf8.count)
        && text.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
}
