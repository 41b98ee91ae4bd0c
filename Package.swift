// swift-tools-version: 6.2
import PackageDescription

// The folder names under Sources/ are the architecture; every arrow below points towards the values.
// Sources/README.md says what each target is for.

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func target(_ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: house)
}

func program(
    _ name: String, _ dependencies: [Target.Dependency], path: String? = nil, exclude: [String] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: house)
}

let package = Package(
    name: "borderwire",
    targets: [
        // C libraries, all of them Debian packages.
        // Without pkgConfig: libzmq.pc on Debian lists flags of its own dependencies that the package manager prohibits.
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(
            name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CLinux"),
        // C++ libraries that Swift can't import: a few lines of C interface each.
        .target(name: "CTOML", linkerSettings: [.linkedLibrary("stdc++")]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
        .target(name: "CCLI11", linkerSettings: [.linkedLibrary("stdc++")]),

        target("ZeroMQ", ["CZeroMQ"]),
        target("SQLite", ["CSQLite"]),
        target("Printable"),
        target("Platform", ["CLinux", "CSystemd", "Printable"]),
        target("HTTP", ["CMicroHTTPD"]),
        target("JSON", ["CSimdJSON"]),
        target("Alerts", ["JSON"]),
        target("Settings", ["Alerts", "CLinux", "CTOML", "CCLI11", "Printable"]),
        target("Identity", ["CSodium", "Printable", "Settings"]),
        .target(
            name: "Wire", dependencies: ["Alerts", "JSON"], exclude: ["PROTOCOL.md"], swiftSettings: house),
        target("LogProof", ["Alerts", "Identity", "Settings", "Wire"]),
        target("HubLink", ["Platform", "Settings", "ZeroMQ"]),
        target("AlertStore", ["Alerts", "Platform", "SQLite"]),
        target(
            "AlertHub",
            [
                "Alerts", "AlertStore", "HTTP", "Identity", "JSON", "Platform", "Printable", "Settings",
                "Wire",
                "LogProof", "ZeroMQ",
            ]),
        target(
            "AlertPost",
            [
                "Alerts", "HubLink", "Identity", "Platform", "Printable", "Settings", "SQLite", "Wire",
                "LogProof", "ZeroMQ",
            ]),
        target(
            "AlertFeed",
            [
                "Alerts", "HubLink", "Identity", "Platform", "Printable", "Settings", "Wire", "LogProof",
                "ZeroMQ",
            ]),

        program(
            "borderwire-hub", ["AlertHub", "Alerts", "Identity", "Platform", "Printable", "Settings", "Wire"]),
        program("borderwire-post", ["Alerts", "AlertPost", "Identity", "Platform", "Printable", "Settings"]),
        program(
            "borderwire",
            ["AlertFeed", "Alerts", "Identity", "Platform", "Printable", "Settings", "ZeroMQ"]),

        // What tries the product: nothing of it is installed.
        target("MemoryStore", ["AlertStore", "Alerts"], path: "Tests/MemoryStore"),
        target(
            "ProcessHarness", ["AlertPost", "CLinux", "Identity", "Platform", "Wire"],
            path: "Tests/ProcessHarness"),
        program(
            "borderwire-demo", ["Alerts", "Settings", "SQLite", "ProcessHarness"], path: "Tests/demo"),
        program(
            "borderwire-faults",
            [
                "AlertPost", "Alerts", "CLinux", "Identity", "Platform", "ProcessHarness", "Settings",
                "SQLite",
                "Wire", "ZeroMQ",
            ], path: "Tests/faults", exclude: ["README.md"]),
        program(
            "borderwire-bench",
            [
                "AlertFeed", "AlertPost", "AlertStore", "Alerts", "Identity", "Platform", "ProcessHarness",
                "Settings", "Wire", "ZeroMQ",
            ], path: "Tests/bench/program"),
        // What `make fuzz` and FuzzingTests run.
        target(
            "Fuzzing",
            [
                "AlertFeed", "AlertHub", "AlertPost", "AlertStore", "Alerts", "Identity", "JSON", "LogProof",
                "MemoryStore", "Settings", "Wire",
            ], path: "Tests/fuzz/decoders"),

        tests("AlertsTests", ["Alerts", "JSON", "Settings"]),
        tests("SettingsTests", ["Alerts", "CLinux", "Settings", "Identity"]),
        tests(
            "WireTests",
            [
                "AlertFeed", "Alerts", "AlertHub", "AlertStore", "Identity", "LogProof", "MemoryStore",
                "Settings",
                "Wire",
            ],
            resources: [.copy("golden")]),
        tests("AlertStoreTests", ["AlertStore", "MemoryStore", "SQLite"]),
        tests(
            "MaintenanceTests",
            [
                "AlertFeed", "AlertHub", "AlertPost", "AlertStore", "Alerts", "Identity", "Platform",
                "Settings",
                "SQLite", "ProcessHarness",
                "Wire", "LogProof",
                "borderwire", "borderwire-hub", "borderwire-post",
            ]),
        tests("FuzzingTests", ["Fuzzing"]),
        tests("PrintableTests", ["Printable"]),
        tests("PlatformTests", ["Platform"]),
        tests("HTTPTests", ["HTTP"]),
        tests(
            "DaemonTests",
            [
                "AlertHub", "AlertPost", "AlertStore", "Identity", "MemoryStore", "Platform", "Settings",
                "Wire",
            ]),
        tests("ZeroMQTests", ["Identity", "ZeroMQ"]),
        tests("HubLinkTests", ["HubLink", "Platform", "Settings", "ZeroMQ"]),
        tests(
            "AlertFeedTests",
            ["AlertFeed", "Alerts", "Identity", "LogProof", "Printable", "Settings", "Wire"]),
        tests("AlertPostTests", ["Alerts", "AlertPost", "Identity", "SQLite", "Wire", "LogProof"]),
        tests(
            "AlertHubTests",
            [
                "AlertFeed", "AlertHub", "AlertPost", "AlertStore", "Alerts", "HTTP", "Identity",
                "LogProof", "MemoryStore", "Platform", "Settings", "Wire",
            ]),
        tests(
            "ProgramTests",
            // The programs themselves, so that they are built beside the tests that start them.
            [
                "AlertFeed", "AlertHub", "AlertPost", "Alerts", "Identity", "Platform", "SQLite", "Settings",
                "ProcessHarness",
                "Wire", "LogProof",
                "ZeroMQ",
                "borderwire", "borderwire-bench", "borderwire-demo", "borderwire-faults", "borderwire-hub",
                "borderwire-post",
            ]),
    ],
    cxxLanguageStandard: .cxx17
)

// libFuzzer brings the main function, and wants every target compiled for it: only in builds of its own (`make fuzz`).
if Context.environment["BORDERWIRE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "borderwire-fuzz", dependencies: ["Fuzzing"], path: "Tests/fuzz/program",
            swiftSettings: house + [.unsafeFlags(["-parse-as-library"])]))
}
