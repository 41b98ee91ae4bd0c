import Foundation
import Identity
import Notation
import Platform
import Settings

/// Keys, registry and settings of a benchmark's hub.
enum Preparation {
    static let posts = ["bench-post-1", "bench-post-2"]
    static let reader = "bench-reader"

    static func run(_ values: CommandLineValues) throws -> ExitStatus {
        try prepare(values.require("dir"), port: values.integer("port") ?? 0)
        return .ok
    }

    static func prepare(_ directory: String, port: Int) throws {
        try FileManager.default.createDirectory(
            atPath: directory + "/state", withIntermediateDirectories: true)
        var registry = ""
        for name in ["hub"] + posts + [reader] {
            let keys = try KeyFiles.generate(name: name, directory: directory)
            guard name != "hub" else { continue }
            let isPost = posts.contains(name)
            registry += """
                [[identity]]
                name = "\(name)"
                curve = "\(keys.curve.hex)"
                signing = "\(keys.signing.bytes.hex)"
                publish = [\(isPost ? "\"all\"" : "")]
                read = [\(isPost ? "" : "\"all\"")]

                """
        }
        try Files.create(Array(registry.utf8), at: directory + "/registry.toml", mode: 0o600)
        let hub = """
            key = "hub.key"
            registry = "registry.toml"
            state = "state"
            [listen]
            address = "127.0.0.1"
            control = \(port)
            ingest = \(port == 0 ? 0 : port + 200)
            feeds = [\(port == 0 ? 0 : port + 300), \(port == 0 ? 0 : port + 320)]
            [limits]
            rate = 1000000
            connections = 1000
            byte_rate = "4GiB"
            daily = "64GiB"
            """
        try Files.create(Array(hub.utf8), at: directory + "/hub.toml", mode: 0o644)
    }
}
