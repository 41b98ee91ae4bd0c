import AlertPost
import Foundation
import Platform
import Testing

@testable import Console

@Suite("The console with a hub and a post", .serialized)
struct ConsoleTests {
    private func enter(_ scene: Scene, _ extra: String = "") throws -> Browser {
        let browser = try scene.startConsole(extra)
        _ = try browser.enter(try PageAddress.ask(try scene.consoleSettings(extra)))
        return browser
    }

    @Test("what there is and what comes appears on two pages, and the hub is told what a person has seen")
    func live() throws {
        let scene = try Scene()
        try scene.startPost()
        try scene.publish(150)
        let browser = try enter(scene)
        let pages = try [browser.events(), browser.events()]
        for page in pages {
            #expect(page.until { $0.offsets.count == 150 && !$0.named("caught-up").isEmpty })
        }
        try scene.publish(1)
        for page in pages {
            #expect(page.until { $0.offsets.count == 151 })
            #expect(page.offsets == Array(1...151))
            #expect(page.named("link").last?["state"] as? String == "up")
        }
        let alert = try #require(pages[0].alerts.last)
        #expect(alert["state"] as? String == "active")
        #expect(alert["verified"] as? Bool == true)
        #expect((alert["key"] as? String)?.count == 19)
        let id = try #require((alert["alert"] as? [String: Any])?["id"] as? String)
        #expect(try browser.ask("/api/shown", post: "{\"offsets\":[151,9999]}").status == 204)
        let end = ContinuousClock.now + Scene.deadline
        var seen = 0
        while seen == 0, ContinuousClock.now < end {
            let answer = try browser.ask("/api/alert?id=\(id)").json
            seen = ((answer["seen"] as? [String: Any])?["seen_by"] as? Int) ?? 0
            let proof = try #require(answer["proof"] as? [String: Any])
            #expect(proof["signed_by"] as? String == "koh-kong")
            #expect(proof["checked"] as? String == "valid")
        }
        #expect(seen == 1)
        let start = try browser.ask("/api/start").json
        #expect(start["identity"] as? String == "desk")
        let readable = (start["provinces"] as? [[String: Any]] ?? []).filter {
            $0["readable"] as? Bool == true
        }
        #expect(readable.compactMap { $0["slug"] as? String } == ["koh-kong"])
    }

    @Test(
        "a page that comes back with its last event's id gets the rest, nothing missing or twice, also over a killed hub"
    )
    func comesBack() throws {
        let scene = try Scene()
        try scene.startPost()
        try scene.publish(40)
        let browser = try enter(scene)
        var first: EventReader? = try browser.events()
        #expect(first?.until { $0.offsets.count == 40 } == true)
        let last = first?.offsets.last
        first = nil
        try scene.publish(5)
        let second = try browser.events(after: last)
        #expect(second.until { $0.offsets.count == 5 })
        try scene.stopHub()
        #expect(second.until { $0.named("link").last?["state"] as? String == "down" })
        // What is queued meanwhile comes once the hub is back.
        try scene.publish(5)
        #expect(try browser.ask("/api/start").status == 200)
        try scene.restartHub()
        #expect(second.until { $0.offsets.count == 10 })
        #expect(second.offsets == Array(41...50))
        #expect(second.named("link").last?["state"] as? String == "up")
        let third = try browser.events(after: 0)
        #expect(third.until { $0.offsets.count == 50 })
        #expect(third.offsets == Array(1...50))
    }

    @Test("words of a search are looked for by the hub's log, and its wrong ones are refused")
    func search() throws {
        let scene = try Scene()
        try scene.startPost()
        try scene.publish(3)
        try scene.publish(
            1, #"{"kind":"suspect","headline":"Grey van, invented","suspect":{"role":"transporter"}}"#)
        let browser = try enter(scene)
        let page = try browser.events()
        #expect(page.until { $0.offsets.count == 4 })
        let found = try browser.ask("/api/search?words=grey%20van").json
        #expect((found["alerts"] as? [[String: Any]])?.compactMap { $0["offset"] as? Int } == [4])
        #expect(found["more"] as? Bool == false)
        let some = try browser.ask("/api/search?words=invented&limit=2").json
        #expect((some["alerts"] as? [[String: Any]])?.compactMap { $0["offset"] as? Int } == [3, 4])
        #expect(some["more"] as? Bool == true)
        #expect(try browser.ask("/api/search?words=,,").status == 400)
        #expect(try browser.ask("/api/search").status == 400)
        #expect(try browser.ask("/api/alert?id=none").status == 400)
        #expect(try browser.ask("/api/alert?id=01a20abe-b4c0-7abc-8def-0123456789ab").status == 404)
    }

    @Test("an alert is written for the post: checked, queued with the hub away, stored, seen, acknowledged")
    func writing() throws {
        let scene = try Scene(hasDesk: true)
        try scene.startPost()
        let browser = try enter(scene)
        let page = try browser.events()
        #expect(
            page.until { !$0.named("post").isEmpty && $0.named("link").last?["state"] as? String == "up" })
        #expect((try browser.ask("/api/start").json["may"] as? [String: Any])?["write"] as? Bool == true)
        let wrong = try browser.ask(
            "/api/check",
            post: #"{"kind":"suspect","headline":"Call 012 345 678","suspect":{"role":"nobody"}}"#
        ).json
        let fields = (wrong["problems"] as? [[String: Any]])?.compactMap { $0["field"] as? String }
        #expect(fields.map(Set.init) == ["headline", "suspect.role"])
        #expect(wrong["preview"] is NSNull)
        let checked = try browser.ask("/api/check", post: Scene.draft).json
        #expect((checked["problems"] as? [Any])?.isEmpty == true)
        #expect((checked["notices"] as? [[String: Any]])?.first?["rule"] as? String == "age-unknown")
        let preview = try #require(checked["preview"] as? [String: Any])
        #expect(preview["post"] as? String == "koh-kong")
        #expect(try browser.ask("/api/publish", post: "{}").status == 422)

        try scene.stopHub()
        #expect(page.until { $0.named("link").last?["state"] as? String == "down" })
        let queued = try browser.ask("/api/publish", post: Scene.draft)
        #expect(queued.status == 200)
        let id = try #require(try queued.json["id"] as? String)
        #expect(
            page.until {
                $0.named("mine").contains { $0["id"] as? String == id && $0["state"] as? String == "queued" }
            })
        let waiting = try browser.ask("/api/outbox").json["waiting"] as? [[String: Any]]
        #expect(waiting?.compactMap { $0["id"] as? String } == [id])
        try scene.restartHub()
        #expect(
            page.until {
                $0.named("mine").contains { $0["id"] as? String == id && $0["state"] as? String == "stored" }
            })
        #expect(page.until { $0.offsets == [1] })
        #expect(try browser.ask("/api/shown", post: "{\"offsets\":[1]}").status == 204)
        #expect(
            page.until {
                $0.named("mine").contains {
                    $0["id"] as? String == id && $0["seen"] as? Int == 1 && $0["duty"] is Int
                }
            })
        let ack = try browser.ask("/api/ack", post: "{\"id\":\"\(id)\",\"note\":\"On our way, invented\"}")
        #expect(ack.status == 200, "\(ack.body)")
        #expect(page.until { $0.offsets == [1, 2] })
    }

    @Test("without a post an analyst acknowledges from an outbox of their own, and publishes nothing")
    func analyst() throws {
        let scene = try Scene()
        try scene.startPost()
        try scene.publish(1)
        let browser = try enter(scene)
        let page = try browser.events()
        #expect(page.until { $0.offsets == [1] })
        let id = try #require((page.alerts[0]["alert"] as? [String: Any])?["id"] as? String)
        let may = try #require(try browser.ask("/api/start").json["may"] as? [String: Any])
        #expect(may["write"] as? Bool == false)
        #expect(may["ack"] as? Bool == true)
        #expect(try browser.ask("/api/publish", post: Scene.draft).status == 403)
        #expect(try browser.ask("/api/ack", post: "{\"id\":\"\(id)\"}").status == 200)
        #expect(page.until { $0.offsets == [1, 2] })
        #expect((page.alerts.last?["alert"] as? [String: Any])?["msgType"] as? String == "Ack")
        #expect(page.until { $0.named("mine").last?["state"] as? String == "stored" })
        #expect(
            try browser.ask("/api/ack", post: "{\"id\":\"01a20abe-b4c0-7abc-8def-0123456789ab\"}").status
                == 404)
    }

    @Test(
        "who is not of the desk's directory's group writes nothing, and a desk that is open to all is not opened"
    )
    func deskModes() throws {
        try #require(geteuid() == 0, "this has to be tried as root, who can be another user")
        let scene = try Scene(hasDesk: true)
        try scene.startPost()
        let socket = try #require(try scene.postSettings().deskSocket)
        #expect(try #require(try Files.facts(of: socket)).mode == 0o660)
        chmod(scene.directory, 0o755)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        let script =
            "import socket\ns = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\ntry:\n  s.connect('\(socket)')\n  print('in')\nexcept OSError as e:\n  print(e.errno)"
        process.arguments = [
            "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", script,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        #expect(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "13\n")
        process.waitUntilExit()
        try scene.stopPost()
        chmod(scene.directory + "/desk", 0o755)
        try scene.startPost()
        #expect(try Files.facts(of: socket) == nil)
    }

    @Test("without the post's daemon the page says so, and goes on once it is there")
    func postAway() throws {
        let scene = try Scene(hasDesk: true)
        let settings = try scene.postSettings()
        _ = settings
        let browser = try enter(scene)
        let answer = try browser.ask("/api/check", post: Scene.draft)
        #expect(answer.status == 503)
        #expect(try answer.json["code"] as? String == "post-away")
        let page = try browser.events()
        try scene.startPost()
        #expect(page.until { !$0.named("post").isEmpty })
        #expect(try browser.ask("/api/check", post: Scene.draft).status == 200)
    }
}
