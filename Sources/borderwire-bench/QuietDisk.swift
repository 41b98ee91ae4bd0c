import Foundation

/// Waits until the disk flushes as it did before something large was written: the machine below a virtual one goes on
/// writing for a while after sync(2) has returned.
struct QuietDisk {
    /// Flushes of one look, and the time between two of them.
    private static let flushes = 400
    private static let pace = 0.002
    /// How much slower than before still counts as quiet, and the longest wait, in seconds.
    private static let tolerance = 1.5
    private static let longest = 240.0

    private let path: String
    private let before: Double

    init(directory: String) throws {
        path = "\(directory)/quiet"
        before = try QuietDisk.slowest(path)
    }

    /// - Returns: seconds waited.
    func wait() throws -> Double {
        let start = nanoseconds()
        func waited() -> Double { Double(nanoseconds() - start) / 1e9 }
        while try QuietDisk.slowest(path) > before * QuietDisk.tolerance, waited() < QuietDisk.longest {
            Thread.sleep(forTimeInterval: 2)
        }
        return waited()
    }

    /// The 99th percentile of flushes of a page, in nanoseconds.
    private static func slowest(_ path: String) throws -> Double {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw BenchFailure("\(path) can't be opened") }
        defer {
            close(file)
            unlink(path)
        }
        let page = [UInt8](repeating: 7, count: Floor.written)
        var times: [UInt64] = []
        for _ in 0..<flushes {
            Thread.sleep(forTimeInterval: pace)
            let start = nanoseconds()
            guard pwrite(file, page, page.count, 0) == page.count, fdatasync(file) == 0 else {
                throw BenchFailure("\(path) can't be written")
            }
            times.append(nanoseconds() - start)
        }
        return Double(times.sorted()[flushes * 99 / 100])
    }
}
