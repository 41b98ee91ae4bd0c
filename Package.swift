// swift-tools-version: 6.2
import PackageDescription

// The folder names under Sources/ are the architecture; every arrow below points towards the values.
// README.md, "The house", says what each target is for.

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: house)
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
        target("Witness", ["Alerts", "Identity", "Settings", "Wire"]),
        target("HubLink", ["Platform", "Settings", "ZeroMQ"]),
        target("AlertStore", ["Alerts", "Platform", "SQLite"]),
        target(
            "AlertHub",
            [
                "Alerts", "AlertStore", "HTTP", "Identity", "JSON", "Platform", "Printable", "Settings",
                "Wire",
                "Witness", "ZeroMQ",
            ]),
        target(
            "AlertPost",
            [
                "Alerts", "HubLink", "Identity", "Platform", "Printable", "Settings", "SQLite", "Wire",
                "Witness", "ZeroMQ",
            ]),
        target(
            "AlertFeed",
            [
                "Alerts", "HubLink", "Identity", "Platform", "Printable", "Settings", "Wire", "Witness",
                "ZeroMQ",
            ]),
        target("Stage", ["AlertPost", "CLinux", "Identity", "Platform", "Wire"]),

        program("borderwire-hub", ["AlertHub", "Alerts", "Identity", "Printable", "Settings", "Wire"]),
        program("borderwire-post", ["Alerts", "AlertPost", "Identity", "Printable", "Settings"]),
        program("borderwire", ["AlertFeed", "Alerts", "Identity", "Printable", "Settings"]),

        program("borderwire-demo", ["Alerts", "Settings", "SQLite", "Stage"]),
        program(
            "borderwire-faults",
            [
                "AlertPost", "Alerts", "CLinux", "Identity", "Platform", "Settings", "SQLite", "Stage",
                "Wire",
                "ZeroMQ",
            ]),
        program(
            "borderwire-bench",
            [
                "AlertFeed", "AlertPost", "AlertStore", "Alerts", "Identity", "Platform", "Settings", "Stage",
                "Wire",
                "ZeroMQ",
            ]),

        // What `make fuzz` and FuzzingTests run; no program for use has it.
        target(
            "Fuzzing",
            [
                "AlertFeed", "AlertHub", "AlertPost", "AlertStore", "Alerts", "Identity", "JSON", "Settings",
                "Wire", "Witness",
            ]),

        tests("AlertsTests", ["Alerts", "JSON", "Settings"]),
        tests("SettingsTests", ["Alerts", "CLinux", "Settings", "Identity"]),
        tests(
            "WireTests",
            ["AlertFeed", "Alerts", "AlertHub", "AlertStore", "Identity", "Settings", "Wire", "Witness"],
            resources: [.copy("golden")]),
        tests("AlertStoreTests", ["AlertStore", "SQLite"]),
        tests(
            "CareTests",
            [
                "AlertFeed", "AlertHub", "AlertPost", "AlertStore", "Alerts", "Identity", "Platform",
                "Settings",
                "SQLite", "Stage",
                "Wire", "Witness",
                "borderwire", "borderwire-hub", "borderwire-post",
            ]),
        tests("FuzzingTests", ["Fuzzing"]),
        tests("PrintableTests", ["Printable"]),
        tests("PlatformTests", ["Platform"]),
        tests("HTTPTests", ["HTTP"]),
        tests("ZeroMQTests", ["Identity", "ZeroMQ"]),
        tests("HubLinkTests", ["HubLink", "Platform", "Settings", "ZeroMQ"]),
        tests("AlertFeedTests", ["AlertFeed", "Alerts", "Identity", "Printable", "Settings", "Wire"]),
        tests("AlertPostTests", ["Alerts", "AlertPost", "Identity", "SQLite", "Wire", "Witness"]),
        tests(
            "AlertHubTests",
            [
                "AlertFeed", "AlertHub", "AlertPost", "AlertStore", "Alerts", "HTTP", "Identity", "Settings",
                "Wire",
            ]),
        tests(
            "ProgramTests",
            // The programs themselves, so that they are built beside the tests that start them.
            [
                "AlertFeed", "AlertHub", "AlertPost", "Alerts", "Identity", "Platform", "SQLite", "Settings",
                "Stage",
                "Wire", "Witness",
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
            name: "borderwire-fuzz", dependencies: ["Fuzzing"],
            swiftSettings: house + [.unsafeFlags(["-parse-as-library"])]))
}
