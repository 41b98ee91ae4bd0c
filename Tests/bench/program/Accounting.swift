import Foundation

/// Who used the processor and what the disk did, between two moments: in the terms of the peers' programs, so that lines
/// can be read side by side.
struct Accounting {
    private let time = nanoseconds()
    private let client: Double
    private let server: Double
    private let busy: Double
    private let flushes: UInt64
    private let sectors: UInt64
    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))

    init(server pid: Int) {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        client = Accounting.seconds(usage.ru_utime) + Accounting.seconds(usage.ru_stime)
        server = Accounting.processSeconds(pid)
        let fields =
            Accounting.lines("/proc/stat").first?.split(separator: " ").compactMap { Double($0) } ?? []
        busy =
            fields.count >= 7
            ? (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) / Accounting.ticks : 0
        var info = stat()
        var flushes: UInt64 = 0
        var sectors: UInt64 = 0
        if stat("/var/tmp", &info) == 0 {
            let major = (info.st_dev >> 8) & 0xFFF
            let minor = (info.st_dev & 0xFF) | ((info.st_dev >> 12) & 0xFFF00)
            for line in Accounting.lines("/proc/diskstats") {
                let parts = line.split(separator: " ")
                guard parts.count >= 20, parts[0] == "\(major)", parts[1] == "\(minor)" else { continue }
                sectors = UInt64(parts[9]) ?? 0
                flushes = UInt64(parts[18]) ?? 0
            }
        }
        self.flushes = flushes
        self.sectors = sectors
    }

    func note(until end: Accounting) -> String {
        let seconds = Double(end.time - time) / 1e9
        let client = (end.client - client) / seconds
        let server = (end.server - server) / seconds
        let other = max(0, (end.busy - busy) / seconds - client - server)
        return String(
            format: "cores: client %.2f server %.2f other %.2f; disk: %.0f flush/s %.1f MB/s%@", client,
            server, other,
            Double(end.flushes &- flushes) / seconds, Double(end.sectors &- sectors) * 512 / seconds / 1e6,
            other > 0.15 ? " FOREIGN-LOAD" : "")
    }

    /// Proportional set size of a process in MiB (proc(5), smaps_rollup).
    static func memory(of pid: Int) -> Double {
        for line in lines("/proc/\(pid)/smaps_rollup") where line.hasPrefix("Pss:") {
            return (Double(line.split(separator: " ").dropFirst().first ?? "") ?? 0) / 1024
        }
        return 0
    }

    private static func processSeconds(_ pid: Int) -> Double {
        guard pid > 0, let line = lines("/proc/\(pid)/stat").first, let end = line.lastIndex(of: ")") else {
            return 0
        }
        let fields = line[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            return 0
        }
        return (user + system) / ticks
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    private static func lines(_ path: String) -> [Substring] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
    }
}

/// One figure: `system  test  value  unit  note`, tab-separated.
struct Figure {
    var test: String
    var value: Double
    var unit: String
    var note: String

    func line(_ system: String) -> String {
        let number = String(format: value < 100 ? "%.2f" : "%.0f", value)
        return [system, test, number, unit, note].joined(separator: "\t")
    }
}
