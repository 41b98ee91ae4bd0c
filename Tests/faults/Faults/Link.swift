import ProcessHarness

/// The network link between the hub and all others goes down and comes back: a pair of virtual Ethernet devices (veth(4)), the
/// hub in a network namespace of its own.
enum Link {
    static let fault = Fault(name: "net-link", needsPrivacy: true, run: run)

    /// Of our own namespace, which nobody else sees.
    private static let (ours, hubs) = ("10.231.7.1", "10.231.7.2")
    private static let device = "bwfaults0"

    private static func run(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run(
            address: hubs, prepare: { testbed, hub, _ in try await connect(testbed, hub) }
        ) { load in
            try await load.start(&trial.random)
            var inFlight = 0
            for _ in 0..<trial.times(8) {
                try await trial.sleep(200...900)
                // With a batch under way, if one comes.
                let isWaiting = try await until(.seconds(1)) {
                    try load.posts.contains { try Kept.all($0.outbox).contains { $0.state == 0 } }
                }
                try await turn(load.testbed, "down")
                inFlight += isWaiting ? 1 : 0
                // Short ones that TCP bridges, and long ones that end connections.
                try await trial.sleep(Bool.random(using: &trial.random) ? 100...800 : 3_000...5_000)
                try await turn(load.testbed, "up")
                row.times += 1
            }
            row.notes.append("\(inFlight) of \(row.times) times with alerts in flight")
            try await load.settle(&row)
        }
        return row
    }

    private static func turn(_ testbed: Testbed, _ way: String) async throws {
        try await testbed.shell("ip link set \(device) \(way)").expect(0, "turn the link \(way)")
    }

    /// Makes the hub's namespace, which lives as long as the process in it, and the link to it.
    private static func connect(_ testbed: Testbed, _ hub: TestHub) async throws {
        let holder = try await testbed.start(.other("unshare"), ["--net", "sleep", "infinity"])
        let namespace = "/proc/\(holder.number)/ns/net"
        let script = """
            set -e
            until [ "$(readlink \(namespace))" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
            ip link add \(device) type veth peer name bwfaults1 netns \(holder.number)
            ip addr add \(ours)/24 dev \(device); ip link set \(device) up
            nsenter --net=\(namespace) sh -ec '
                ip link set lo up; ip addr add \(hubs)/24 dev bwfaults1; ip link set bwfaults1 up'
            """
        try await testbed.shell(script).expect(0, "make a link")
        hub.setStarter(["nsenter", "--net=\(namespace)"])
    }
}
