internal import FoundationEssentials
internal import Glibc

/// A program that can be started on a testbed.
public enum Program: Sendable, Equatable {
    case hub, post, analyst, console
    /// A name that PATH finds, or a path.
    case other(String)

    var name: String {
        switch self {
        case .hub: "borderwire-hub"
        case .post: "borderwire-post"
        case .analyst: "borderwire"
        case .console: "borderwire-console"
        case .other(let name): name
        }
    }
}

/// Where the running program is, and with it all that was built beside it and the tree around it.
public enum BuiltTree {
    /// The directory of the running program (proc(5)).
    public static var programs: String {
        get throws(TestbedError) {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink("/proc/self/exe", &buffer, buffer.count)
            guard count > 0 else { throw TestbedError("read", "/proc/self/exe", errno) }
            let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
        }
    }

    /// The repository's `config` directory: the nearest above the running program that holds `demo`.
    public static var config: String {
        get throws(TestbedError) {
            let start = try programs
            var directory = start
            while !directory.isEmpty {
                let config = directory + "/config"
                if FileManager.default.fileExists(atPath: config + "/demo") { return config }
                directory = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
            }
            throw TestbedError("there is no config/demo above \(start): run it from a working tree's build")
        }
    }

    static func path(of program: Program) throws(TestbedError) -> String {
        if case .other(let name) = program { return name }
        let path = try programs + "/" + program.name
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestbedError("\(path) is not there: build it first, with swift build")
        }
        return path
    }
}
