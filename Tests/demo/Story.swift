import Alerts
import FoundationEssentials
import Platform
import ProcessHarness
import Settings

/// What becomes of an alert: seen, acknowledged, sighted and linked by another post, known to its author; and one at which nobody
/// looks. Told with the programs' own words; each step says whether they were the right ones.
struct Story {
    /// For the demo's hub: real ones are minutes.
    static let settings = """
        [escalation]
        immediate_unseen = "2s"
        immediate_unacknowledged = "60s"
        """

    private let hub: TestHub
    private let author: TestPost
    private let other: TestPost
    private var isGood = true

    init(hub: TestHub, author: TestPost, other: TestPost) {
        (self.hub, self.author, self.other) = (hub, author, other)
    }

    /// - Returns: whether all of it went as it should.
    mutating func run() async throws -> Bool {
        talk(
            "koh-kong raises an alert about a van; the post of Prey Veng is on duty for it, and has it on a screen"
        )
        try await hub.enroll(
            other.publicKey, publish: ["prey-veng"], read: ["koh-kong", "prey-veng"], duty: ["koh-kong"])
        let watch = try await hub.testbed.analyst(
            "pv-watch", hub, read: ["koh-kong", "prey-veng"], duty: ["koh-kong"])
        let screen = try await watch.tail([], onTerminal: true)
        // Its stream has begun once it is told apart from what was there before.
        let first = try await author.publish(
            [Story.van("A grey van left Trapeang Roung")], ["--wait", "30s"])
        show("koh-kong", first)
        let raised = try await author.publish(
            [Story.van("The same grey van drives towards Prey Veng", urgency: "Immediate")],
            ["--until", "seen", "--wait", "30s"])
        show("koh-kong", raised)
        check("the post is told that its alert was seen", raised.output.contains { $0.contains("seen") })
        guard let id = id(in: raised) else {
            talk("  NOT as it should be: publish names no id")
            return false
        }

        talk("prey-veng takes it over, and stops the van")
        let ack = try await other.run(["ack", id, "--note", "We look for it", "--wait", "30s"])
        show("prey-veng", ack)
        check("it is acknowledged", ack.status == 0)
        let sighting = try await other.publish([Story.sighting(of: id)], ["--wait", "30s"])
        show("prey-veng", sighting)
        check("the sighting is stored", sighting.status == 0)

        talk("prey-veng also writes of a van with the same plate, written otherwise")
        let linked = try await other.publish(
            [Story.van("A van without papers", province: "prey-veng", plate: "2b7788")], ["--wait", "30s"])
        show("prey-veng", linked)
        check(
            "it is told of a possible match by the plate",
            (linked.output + linked.talk).contains { $0.contains("possible match") && $0.contains("plate") })

        talk("what koh-kong sees of its alert")
        let seen = try await author.run(["show", id])
        show("koh-kong", seen)
        let words = (seen.output + seen.talk).joined(separator: "\n")
        check(
            "it was seen, and acknowledged by prey-veng", words.contains("acknowledged by prey-veng"))
        try await screen.stop()

        talk("an alert at which nobody looks")
        let unseen = try await author.publish(
            [Story.van("Nobody reads this one", urgency: "Immediate", plate: "3C-1122")], ["--wait", "30s"])
        show("koh-kong", unseen)
        let escalated = try await escalation(of: self.id(in: unseen) ?? "")
        for line in escalated { show("hub", line) }
        check("the operator is told after two seconds", !escalated.isEmpty)
        return isGood
    }

    private mutating func check(_ claim: String, _ isSo: Bool) {
        if !isSo {
            isGood = false
            talk("  NOT as it should be: \(claim)")
        }
    }

    /// What `borderwire-hub status` says of it, as soon as it does.
    private func escalation(of id: String) async throws -> [String] {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let status = try await hub.run("status")
            let lines = status.output.filter { $0.contains(id) && $0.contains("unseen") }
            if !lines.isEmpty { return lines }
            try await Task.sleep(for: .milliseconds(100))
        }
        return []
    }

    /// The one that `publish` names in its text.
    private func id(in account: Account) -> String? {
        (account.output + account.talk).joined(separator: " ").split(separator: " ").map {
            String($0.filter { $0.isHexDigit || $0 == "-" })
        }.first { AlertID($0) != nil }
    }

    private func show(_ who: String, _ account: Account) {
        for line in account.output + account.talk { show(who, line) }
    }

    private func show(_ who: String, _ line: String) {
        guard !line.isEmpty else { return }
        try? StandardOutput.write(
            line: who + String(repeating: " ", count: max(1, 12 - who.count)) + "| " + line)
    }

    private static func van(
        _ headline: String, province: String = "koh-kong", urgency: String = "Unknown",
        plate: String = "2B-7788"
    ) -> String {
        """
        {"kind": "movement", "urgency": "\(urgency)", "severity": "Severe", "provinces": ["\(province)"], \
        "headline": "Invented: \(headline)", "movement": {"mode": "road", "direction": "internal", "people": 7, \
        "minors": 2, "vehicle": {"type": "van", "plate": "\(plate)", "colour": "grey"}}}
        """
    }

    private static func sighting(of id: String) -> String {
        let now = Timestamp(milliseconds: wallClockMilliseconds() / 1_000 * 1_000).rfc3339()
        return """
            {"kind": "sighting", "severity": "Severe", "provinces": ["prey-veng"], "sighting": {"of": "\(id)", \
            "outcome": "stopped", "identifiers": ["plate"], "time": "\(now)", "place": "Neak Loeung bridge", \
            "people": 7, "minors": 2, "vehicle": {"type": "van", "plate": "2B-7788"}}}
            """
    }
}
