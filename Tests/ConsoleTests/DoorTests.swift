import Foundation
import HTTP
import Platform
import Testing

@testable import Console

@Suite("Who may see the page", .serialized)
struct DoorTests {
    @Test(
        "the page opens with an address that is good once; without it, with an old one or another one, it does not"
    )
    func entering() throws {
        let scene = try Scene()
        let browser = try scene.startConsole()
        let settings = try scene.consoleSettings()
        #expect(try browser.ask("/").status == 401)
        #expect(try browser.ask("/").body.contains("borderwire-console open"))
        #expect(try browser.ask("/enter?token=0123").status == 403)
        #expect(try browser.ask("/enter").status == 403)
        let address = try PageAddress.ask(settings)
        #expect(address.hasPrefix("http://127.0.0.1:\(browser.port)/enter?token="))
        let entered = try browser.enter(address)
        #expect(entered.status == 303)
        #expect(entered.headers["location"] == "/")
        let cookie = try #require(entered.headers["set-cookie"])
        #expect(cookie.hasPrefix("borderwire-\(browser.port)="))
        for part in ["HttpOnly", "SameSite=Strict", "Path=/"] { #expect(cookie.contains(part)) }
        #expect(try browser.ask("/").body.contains("<title>page</title>"))
        #expect(try browser.ask("/page/strings/km.json").body == "{}")
        // Used up, for who has seen the address.
        let other = Browser(port: browser.port)
        #expect(try other.enter(address).status == 403)
        #expect(try other.ask("/api/start").status == 401)
        // As often as one likes.
        #expect(try other.enter(try PageAddress.ask(settings)).status == 303)
        #expect(try other.ask("/api/start").status == 200)
    }

    @Test("a session ends with the program")
    func ends() throws {
        let scene = try Scene()
        let browser = try scene.startConsole()
        _ = try browser.enter(try PageAddress.ask(try scene.consoleSettings()))
        #expect(try browser.ask("/").status == 200)
        let port = browser.port
        try scene.stopConsole()
        let again = try scene.startConsole("# again\n")
        again.cookie = browser.cookie?.replacingOccurrences(of: "-\(port)=", with: "-\(again.port)=")
        #expect(try again.ask("/").status == 401)
    }

    @Test("another name, another port, another origin and another content type are refused")
    func origins() throws {
        let scene = try Scene()
        let browser = try scene.startConsole()
        _ = try browser.enter(try PageAddress.ask(try scene.consoleSettings()))
        let start = "/api/start"
        for host in ["localhost:\(browser.port)", "127.0.0.1", "127.0.0.1:1", "evil.example:\(browser.port)"]
        {
            #expect(try browser.ask(start, ["Host": host]).status == 421, "\(host)")
        }
        for origin in [
            "http://127.0.0.1:1", "http://127.0.0.1", "https://127.0.0.1:\(browser.port)", "null",
            "http://localhost:\(browser.port)", "http://evil.example",
        ] {
            #expect(try browser.ask(start, ["Origin": origin]).status == 403, "\(origin)")
            #expect(
                try browser.ask("/api/shown", post: "{\"offsets\":[]}", ["Origin": origin]).status == 403)
        }
        for site in ["cross-site", "same-site"] {
            #expect(try browser.ask(start, ["Sec-Fetch-Site": site]).status == 403)
        }
        #expect(try browser.ask(start, ["Sec-Fetch-Site": "same-origin"]).status == 200)
        #expect(try browser.ask("/api/shown", post: "{\"offsets\":[]}").status == 204)
        #expect(try browser.ask("/api/shown", post: "{\"offsets\":[]}", ["Origin": ""]).status == 403)
        #expect(
            try browser.ask("/api/shown", post: "offsets=1", ["Content-Type": "text/plain"]).status == 415)
        #expect(try browser.ask("/api/shown", post: "{\"offsets\":\"all\"}").status == 400)
    }

    @Test("every answer keeps other pages out, and is kept by no browser")
    func headers() throws {
        let scene = try Scene()
        let browser = try scene.startConsole()
        let stranger = try browser.ask("/")
        _ = try browser.enter(try PageAddress.ask(try scene.consoleSettings()))
        for answer in [
            stranger, try browser.ask("/"), try browser.ask("/api/start"), try browser.ask("/page/x.js"),
        ] {
            #expect(answer.headers["content-security-policy"]?.hasPrefix("default-src 'self';") == true)
            #expect(answer.headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test("files are those of the page's directory, and nothing else")
    func files() throws {
        let scene = try Scene()
        let browser = try scene.startConsole()
        _ = try browser.enter(try PageAddress.ask(try scene.consoleSettings()))
        for path in [
            "/page/../desk.key", "/page/%2e%2e/desk.key", "/page/..%2fdesk.key", "/page//etc/passwd",
            "/page/.hidden",
            "/page/", "/page/strings", "/desk.key",
        ] { #expect(try browser.ask(path).status == 404, "\(path)") }
        #expect(try browser.ask("/page/index.html").status == 200)
    }

    @Test("a program of another user is neither given an address nor let in at the port")
    func otherUser() throws {
        try #require(geteuid() == 0, "this has to be tried as root, who can be another user")
        let scene = try Scene()
        let browser = try scene.startConsole()
        let settings = try scene.consoleSettings()
        _ = try browser.enter(try PageAddress.ask(settings))
        // Directories' modes would keep it out before the daemon has to.
        for path in [scene.directory, scene.directory + "/console"] { chmod(path, 0o755) }
        chmod(settings.localSocket, 0o777)
        let script = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.connect("\(settings.localSocket)")
            try:
                s.send(b"open")
                print("local", len(s.recv(1000)))
            except OSError as e:
                print("local", 0)
            t = socket.create_connection(("127.0.0.1", \(browser.port)))
            try:
                t.send(b"GET / HTTP/1.1\\r\\nHost: 127.0.0.1:\(browser.port)\\r\\nCookie: \(browser.cookie ?? "")\\r\\n\\r\\n")
                print("port", len(t.recv(1000)))
            except OSError as e:
                print("port", 0)
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = [
            "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", script,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(said == "local 0\nport 0\n")
        #expect(try browser.ask("/").status == 200)
    }
}
