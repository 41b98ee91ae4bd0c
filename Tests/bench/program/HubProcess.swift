import Foundation

/// A directory with everything that a hub needs, which goes with the object.
final class BenchPlace {
    let directory: String

    init(_ parent: String) throws {
        directory = "\(parent)/borderwire-bench.\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Preparation.prepare(directory, port: 0)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }
}

/// A hub of the benchmark's own, from the program beside this one.
final class HubProcess {
    let pid: Int
    let port: Int
    private let process = Process()
    private let directory: String

    init(_ directory: String) throws {
        self.directory = directory
        let here = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        process.executableURL = here.appendingPathComponent("borderwire-hub")
        process.arguments = ["run", "--config", "\(directory)/hub.toml"]
        process.standardError = FileHandle(forWritingAtPath: "/dev/null")
        try process.run()
        pid = Int(process.processIdentifier)
        struct Endpoints: Decodable { var control: Int }
        for _ in 0..<6_000 {
            if let data = FileManager.default.contents(atPath: "\(directory)/state/endpoints.json"),
                let endpoints = try? JSONDecoder().decode(Endpoints.self, from: data)
            {
                port = endpoints.control
                return
            }
            guard process.isRunning else { break }
            Thread.sleep(forTimeInterval: 0.01)
        }
        process.terminate()
        throw BenchFailure("the hub did not start")
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Allocated blocks of the hub's state.
    func diskBytes() -> Int {
        sync()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/state")) ?? []
        return names.reduce(0) { sum, name in
            var info = stat()
            guard lstat("\(directory)/state/\(name)", &info) == 0 else { return sum }
            return sum + Int(info.st_blocks) * 512
        }
    }
}
