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
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(
            name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CLinux"),
        // C++ libraries that Swift can't import: a few lines of C interface each.
        .target(name: "CTOML", linkerSettings: [.linkedLibrary("stdc++")]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
        .target(name: "CCLI11", linkerSettings: [.linkedLibrary("stdc++")]),

        target("Printable"),
        target("Spelling"),
        target("Notation"),
        target("Platform", ["CLinux", "CSystemd", "Printable"]),
        target("ZeroMQ", ["CZeroMQ", "Platform"]),
        target("SQLite", ["CSQLite", "Platform"]),
        target("PostgreSQL", ["CPostgreSQL", "Platform"]),
        target("HTTP", ["CMicroHTTPD"]),
        target("JSON", ["CSimdJSON"]),
        target("Zstandard", ["CZstd"]),
        target("XML", ["CXML2"]),
        .target(
            name: "Alerts", dependencies: ["JSON", "Notation", "Spelling"], exclude: ["alert.schema.json"],
            swiftSettings: house),
        target("Settings", ["CCLI11", "CTOML", "Platform", "Printable", "Spelling"]),
        target("Provinces", ["Alerts", "Platform", "Settings"]),
        target("Identity", ["CSodium", "Notation", "Platform", "Printable", "Settings"]),
        target("CAP", ["Alerts", "Identity", "JSON", "Notation", "Platform", "XML"]),
        .target(
            name: "Wire", dependencies: ["Alerts", "JSON", "Notation", "Zstandard"], exclude: ["PROTOCOL.md"],
            resources: [.embedInCode("ingest-dictionary.txt")], swiftSettings: house),
        target("LogProof", ["Alerts", "Identity", "Notation", "Platform", "Wire"]),
        target("ResponseReport", ["Alerts", "Platform", "Printable", "Settings", "Wire"]),
        target("HubLink", ["Identity", "LogProof", "Platform", "Settings", "Wire", "ZeroMQ"]),
        target("AlertStore", ["Alerts", "Notation", "Platform", "SQLite"]),
        target("PostgresLog", ["AlertStore", "Alerts", "Platform", "PostgreSQL"]),
        target(
            "AlertHub",
            [
                "Alerts", "AlertStore", "HTTP", "Identity", "JSON", "LogProof", "Notation", "Platform",
                "PostgresLog", "Printable", "Provinces", "Settings", "Spelling", "Wire", "ZeroMQ",
            ]),
        target(
            "AlertPost",
            [
                "Alerts", "HubLink", "Identity", "LogProof", "Notation", "Platform", "Printable", "Provinces",
                "ResponseReport", "Settings", "SQLite", "Wire", "ZeroMQ",
            ]),
        target(
            "AlertFeed",
            [
                "Alerts", "HubLink", "Identity", "LogProof", "Notation", "Platform", "Printable", "Settings",
                "Wire", "ZeroMQ",
            ]),
        target(
            "Console",
            [
                "AlertFeed", "AlertPost", "Alerts", "HTTP", "Identity", "LogProof", "Notation", "Platform",
                "Provinces", "ResponseReport", "Settings", "Wire",
            ]),

        program(
            "borderwire-hub",
            [
                "AlertHub", "Alerts", "Identity", "LogProof", "Notation", "Platform", "Printable",
                "ResponseReport", "Settings", "Wire",
            ]),
        program(
            "borderwire-post",
            [
                "AlertFeed", "AlertPost", "Alerts", "CAP", "Identity", "Platform", "Printable", "Provinces",
                "ResponseReport", "Settings", "Wire",
            ]),
        program(
            "borderwire",
            [
                "AlertFeed", "AlertPost", "Alerts", "CAP", "Identity", "LogProof", "Platform", "Printable",
                "Provinces", "ResponseReport", "Settings", "Wire", "ZeroMQ",
            ]),

        program(
            "borderwire-console", ["Console", "Platform", "Settings"], exclude: ["page"]),

        // What tries the product: nothing of it is installed.
        target("Seeded", path: "Tests/Seeded"),
        target("MemoryStore", ["Alerts", "AlertStore"], path: "Tests/MemoryStore"),
        target(
            "PostgresServer", ["AlertStore", "CLinux", "Platform", "PostgreSQL", "PostgresLog"],
            path: "Tests/PostgresServer"),
        target(
            "ProcessHarness", ["AlertPost", "CLinux", "Identity", "Platform", "Wire"],
            path: "Tests/ProcessHarness"),
        program(
            "borderwire-demo",
            [
                "Alerts", "Platform", "PostgreSQL", "PostgresServer", "ProcessHarness", "Provinces",
                "Settings",
                "SQLite",
            ],
            path: "Tests/demo"),
        program(
            "borderwire-faults",
            [
                "AlertPost", "Alerts", "Identity", "Platform", "PostgreSQL", "PostgresServer",
                "ProcessHarness",
                "Seeded", "Settings", "SQLite", "Wire", "ZeroMQ",
            ], path: "Tests/faults", exclude: ["README.md"]),
        program(
            "borderwire-bench",
            [
                "AlertFeed", "AlertPost", "Alerts", "AlertStore", "Identity", "Notation", "Platform",
                "ProcessHarness", "Settings", "Wire", "ZeroMQ",
            ], path: "Tests/bench/program"),
        // What `make fuzz` and FuzzingTests run.
        target(
            "Fuzzing",
            [
                "AlertFeed", "AlertHub", "AlertPost", "Alerts", "AlertStore", "CAP", "Identity", "JSON",
                "LogProof", "MemoryStore", "Platform", "Settings", "Wire",
            ], path: "Tests/fuzz/decoders"),

        tests("AlertsTests", ["Alerts", "JSON", "Platform", "Settings"]),
        tests(
            "SettingsTests",
            ["Alerts", "CLinux", "Identity", "Notation", "Platform", "Provinces", "Settings", "Spelling"]),
        tests(
            "WireTests",
            [
                "AlertFeed", "AlertHub", "Alerts", "AlertStore", "Identity", "LogProof", "MemoryStore",
                "Notation", "Platform", "Provinces", "Seeded", "Settings", "Wire", "Zstandard",
            ],
            resources: [.copy("golden")]),
        tests(
            "AlertStoreTests",
            [
                "Alerts", "AlertStore", "MemoryStore", "Platform", "PostgreSQL", "PostgresLog",
                "PostgresServer", "Seeded", "SQLite",
            ]),
        tests(
            "MaintenanceTests",
            [
                "AlertFeed", "AlertHub", "AlertPost", "Alerts", "AlertStore", "borderwire", "borderwire-hub",
                "borderwire-post", "Identity", "LogProof", "Notation", "Platform", "ProcessHarness",
                "Provinces", "Settings", "SQLite", "Wire",
            ]),
        tests("FuzzingTests", ["Fuzzing"]),
        tests("XMLTests", ["XML"]),
        tests(
            "CAPTests", ["Alerts", "CAP", "Platform", "Provinces", "Seeded"],
            resources: [.copy("cap12.xsd"), .copy("documents")]),
        tests("PrintableTests", ["Printable", "Seeded"]),
        tests("PlatformTests", ["Platform"]),
        tests("HTTPTests", ["HTTP"]),
        tests(
            "DaemonTests",
            [
                "AlertFeed", "AlertHub", "AlertPost", "Alerts", "AlertStore", "borderwire", "borderwire-post",
                "Identity", "MemoryStore", "Platform", "ProcessHarness", "Provinces", "Settings", "Wire",
            ]),
        tests("ZeroMQTests", ["Identity", "ZeroMQ"]),
        tests(
            "HubLinkTests",
            ["Alerts", "HubLink", "Identity", "LogProof", "Platform", "Settings", "Wire", "ZeroMQ"]),
        tests(
            "AlertFeedTests",
            [
                "AlertFeed", "Alerts", "Identity", "LogProof", "Platform", "Printable", "Provinces",
                "Settings", "Wire",
            ]),
        tests(
            "ConsoleTests",
            [
                "AlertFeed", "AlertHub", "AlertPost", "Alerts", "Console", "HTTP", "Identity", "LogProof",
                "Platform", "Provinces", "Settings", "Wire",
            ]),
        tests("AlertPostTests", ["AlertPost", "Alerts", "Identity", "LogProof", "SQLite", "Wire"]),
        tests(
            "AlertHubTests",
            [
                "AlertFeed", "AlertHub", "AlertPost", "Alerts", "AlertStore", "HTTP", "HubLink", "Identity",
                "LogProof", "MemoryStore", "Notation", "Platform", "PostgreSQL", "PostgresLog",
                "PostgresServer", "Provinces", "Seeded", "Settings", "Wire",
            ]),
        tests(
            "ProgramTests",
            // The programs themselves, so that they are built beside the tests that start them.
            [
                "AlertFeed", "AlertHub", "AlertPost", "Alerts", "borderwire", "borderwire-bench", "CAP",
                "borderwire-console", "borderwire-demo", "borderwire-faults", "borderwire-hub",
                "borderwire-post", "Identity", "LogProof", "Notation", "Platform", "PostgresServer",
                "ProcessHarness", "Provinces",
                "Seeded", "Settings", "SQLite", "Wire", "ZeroMQ",
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
