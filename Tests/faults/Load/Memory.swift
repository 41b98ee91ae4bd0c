import FoundationEssentials
import ProcessHarness

/// KiB that only the process has, with its share of what it has with others (proc_pid_smaps(5)); 0 of a process that is not
/// there.
func pss(_ process: Int32?) -> Int { figure("Pss:", process, "smaps_rollup") }

/// KiB that the process ever had at once (proc_pid_status(5)), so that no peak falls between two looks.
func peakMemory(_ process: Int32?) -> Int { figure("VmHWM:", process, "status") }

/// The MemoryMax of the hub's service, in KiB; 0 where it can't be read.
func hubMemoryBound() -> Int {
    let unit = (try? BuiltTree.config).map { $0 + "/../systemd/borderwire-hub.service" } ?? ""
    let text = String(decoding: FileManager.default.contents(atPath: unit) ?? Data(), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemoryMax=") && $0.hasSuffix("M") }
    return line.flatMap { Int($0.dropFirst("MemoryMax=".count).dropLast()) }.map { $0 * 1_024 } ?? 0
}

private func figure(_ name: String, _ process: Int32?, _ file: String) -> Int {
    guard let process, let data = FileManager.default.contents(atPath: "/proc/\(process)/\(file)") else {
        return 0
    }
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0
}
