import Platform
import ProcessHarness

/// What networks do, by a proxy between the hub and all others.
enum Network {
    static let all = [
        Fault(name: "net-cut") { trial in
            try await Network.row(trial, 30) { proxy, trial in
                proxy.cut(after: Int.random(in: 0...20_000, using: &trial.random))
                try await trial.sleep(200...800)
            }
        },
        Fault(name: "net-half-open") { trial in
            try await Network.row(trial, 2) { proxy, trial in
                proxy.set(.halfOpen)
                try await trial.sleep(2_000...9_000)
                // What was open stays dead, as when a router has forgotten it.
                proxy.cut(after: 0)
                proxy.set(.fair)
                try await trial.sleep(1_000...2_000)
            }
        },
        // Nobody forges what CURVE protects: the connection ends there, for libzmq for good.
        Fault(name: "net-damage") { trial in
            try await Network.row(trial, 3) { proxy, trial in
                proxy.damage()
                try await trial.sleep(1_000...18_000)
            }
        },
        Fault(name: "net-slow") { trial in
            try await Network.row(trial, 2) { proxy, trial in
                // 9,600 bit/s.
                proxy.set(.slow(1_200))
                try await trial.sleep(3_000...5_000)
                proxy.set(.delayed(.milliseconds(600)))
                try await trial.sleep(2_000...3_000)
                proxy.set(.fair)
                try await trial.sleep(500...1_000)
            }
        },
    ]

    private static func row(
        _ trial: Trial, _ times: Int, break breaking: (Proxy, inout Trial) async throws -> Void
    ) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            // Beside the hub's address, which may end in anything from 2 to 250.
            let near = load.testbed.address.split(separator: ".").dropLast().joined(separator: ".") + ".251"
            let ports = load.hub.controlPort...load.hub.controlPort + 8
            let proxy = try Proxy(near, to: load.testbed.address, ports: ports)
            defer { proxy.end() }
            for settings in load.posts.map(\.settings) + load.desks.map(\.analyst.settings) {
                try await load.testbed.shell("sed -i 's/^host = .*/host = \"\(near)\"/' '\(settings)'")
                    .expect(0, "change \(settings)")
            }
            try await load.start(&trial.random)
            for _ in 0..<trial.times(times) {
                try await breaking(proxy, &trial)
                row.times += 1
            }
            proxy.set(.fair)
            try await load.settle(&row)
        }
        return row
    }
}
