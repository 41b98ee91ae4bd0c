import AlertPost
import Foundation
import ProcessHarness
import Testing

/// Who notices what was done to a stopped hub's log; borderwire(1), "WHAT THE LOG PROVES", has the same table.
@Suite struct TamperingTests {
    /// In the table's order.
    private struct Witnesses {
        /// Their own cursor and its checkpoint, from before.
        var analysts: [TestAnalyst]
        /// The same grants, and nothing from before.
        var newcomers: [TestAnalyst]
        var post: TestPost
    }

    @Test("who notices what was done to a log is what the manual says")
    func table() async throws {
        try await withTestbed { testbed in
            let (hub, witnesses) = try await town(testbed)
            try await testbed.shell("mkdir \(testbed.directory)/kept").expect(0, "mkdir")
            let kept = [hub.state, witnesses.post.state] + witnesses.analysts.map(\.state)
            for (index, state) in kept.enumerated() {
                try await testbed.shell("cp -a \(state) \(testbed.directory)/kept/\(index)").expect(0, "cp")
            }
            var notes: [String] = []
            let untouched = try await row("nothing", hub, witnesses, &notes)
            #expect(
                untouched == ["nothing", "no", "no", "no", "no", "no", "no"],
                "\(notes.joined(separator: "\n"))")
            var seen: [[String]] = []
            for remakes in [false, true] {
                for deed in Forger.Deed.allCases {
                    for (index, state) in kept.enumerated() {
                        try await testbed.shell(
                            "rm -rf \(state) && cp -a \(testbed.directory)/kept/\(index) \(state)"
                        ).expect(0, "restore")
                    }
                    for newcomer in witnesses.newcomers {
                        try await testbed.shell("rm -rf \(newcomer.state)").expect(0, "rm")
                    }
                    try Forger(path: hub.database).commit(deed, remakes: remakes)
                    seen.append(try await row(deed.rawValue, hub, witnesses, &notes))
                }
            }
            let lines = seen.map { ".It " + $0.joined(separator: " Ta ") }
            #expect(
                try TamperingTests.manual() == lines, "\((lines + notes).joined(separator: "\n"))")
        }
    }

    /// The rows of the tables in the manual page.
    private static func manual() throws -> [String] {
        let text = try String(contentsOfFile: try BuiltTree.config + "/../man/borderwire.1", encoding: .utf8)
        let section = text.components(separatedBy: "\n.Sh ").first { $0.hasPrefix("WHAT THE LOG PROVES") }
        return try #require(section).split(separator: "\n").map(String.init).filter {
            $0.hasPrefix(".It ") && $0.contains(" Ta ") && !$0.hasPrefix(".It Em")
        }
    }

    /// Eight alerts that two analysts, of all provinces and of one, have read, and that the hub has signed for to the post.
    private func town(_ testbed: Testbed) async throws -> (TestHub, Witnesses) {
        let hub = try testbed.hub()
        let post = try await testbed.post("koh-kong", hub)
        let other = try await testbed.post("prey-veng", hub)
        var analysts: [[TestAnalyst]] = []
        for name in ["old", "new"] {
            analysts.append([
                try await testbed.analyst("\(name)-full", hub, read: ["all"]),
                try await testbed.analyst("\(name)-narrow", hub, read: ["koh-kong"]),
            ])
        }
        try await hub.start()
        try await post.start()
        try await other.start()
        let elsewhere = SampleDrafts.drafts(2).map { $0.replacing("Koh Kong", with: "Prey Veng") }
        try await post.publish(SampleDrafts.drafts(3), ["--wait", "100s"]).expect(0, "publish")
        try await other.publish(elsewhere, ["--wait", "100s"]).expect(0, "publish")
        try await post.publish(SampleDrafts.drafts(3), ["--wait", "100s"]).expect(0, "publish")
        try await other.stop()
        // On its start the hub signs where its log ends, and on a new link the post keeps it.
        try await hub.stop()
        try await hub.start()
        for analyst in analysts[0] {
            try await analyst.run("tail", ["--no-follow", "--cursor", "desk"]).expect(0, "tail")
        }
        try await post.stop()
        try await post.start()
        try await post.settle { $0.link == "up" && $0.altered == 0 }
        try await post.stop()
        try await hub.stop()
        return (hub, Witnesses(analysts: analysts[0], newcomers: analysts[1], post: post))
    }

    /// Starts the hub over its log, and asks everybody.
    private func row(
        _ title: String, _ hub: TestHub, _ witnesses: Witnesses, _ notes: inout [String]
    ) async throws -> [String] {
        let verified = try await hub.run("verify")
        notes.append("\(title): hub \(verified.output)")
        var cells = [title, verified.status == 0 ? "no" : "yes"]
        try await hub.start()
        for analyst in witnesses.analysts {
            cells.append(try await cell(analyst, ["--cursor", "desk"], &notes))
        }
        for analyst in witnesses.newcomers { cells.append(try await cell(analyst, [], &notes)) }
        let post = witnesses.post
        try await post.start()
        let status = try await post.settle { $0.link == "refused" || $0.altered != nil }
        let reason = status.reason ?? "no reason"
        notes.append("  post: \(status.link), \(reason), altered \(status.altered ?? -1)")
        cells.append(status.link == "refused" || (status.altered ?? 0) > 0 ? "yes" : "no")
        try await post.stop()
        try await hub.stop()
        return cells
    }

    private func cell(
        _ analyst: TestAnalyst, _ cursor: [String], _ notes: inout [String]
    ) async throws -> String {
        let read = try await analyst.run("tail", ["--no-follow", "--format", "json"] + cursor)
        let warnings = ["does not verify", " comes after ", " comes again"]
        let byTail =
            read.status != 0 || read.talk.contains { line in warnings.contains { line.contains($0) } }
        let verified = try await analyst.run("verify")
        let byVerify = verified.status != 0
        notes.append("  \(analyst.name): tail \(read.talk); verify \(verified.output)")
        switch (byTail, byVerify) {
        case (true, true): return "yes"
        case (true, false): return "tail"
        case (false, true): return "verify"
        case (false, false): return "no"
        }
    }
}
