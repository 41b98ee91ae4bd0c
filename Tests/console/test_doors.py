"""Who gets in, and who does not. Without a browser: each request is written by hand."""

import http.client
import json
import os
import shutil
import subprocess
import unittest
import urllib.parse

from house import PROGRAMS, free_port, house, movement


class DoorTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house()
        address = urllib.parse.urlsplit(cls.house.address())
        cls.port = address.port
        status, headers, _ = cls.ask(f"/enter?{address.query}")
        assert status == 303, status
        cls.used = f"/enter?{address.query}"
        cls.set_cookie = headers["set-cookie"]
        cls.cookie = cls.set_cookie.split(";")[0]

    @classmethod
    def ask(cls, path, method="GET", body=None, cookie=None, host=None, **headers):
        """Status, headers by lower-case name, body."""
        line = {"Host": host or f"127.0.0.1:{cls.port}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if cookie:
            line["Cookie"] = cookie
        connection = http.client.HTTPConnection("127.0.0.1", cls.port, timeout=20)
        try:
            connection.request(method, path, body, line)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def post(self, path, body, **headers):
        given = {"Origin": f"http://127.0.0.1:{self.port}", "Content_Type": "application/json"} | headers
        return self.ask(
            path, "POST", json.dumps(body), self.cookie, **{key: value for key, value in given.items() if value}
        )

    def test_without_a_cookie_nothing_but_how_to_get_one(self):
        for path in ("/", "/page/main.js", "/api/start", "/api/events", "/api/outbox", "/anything"):
            with self.subTest(path):
                status, _, body = self.ask(path)
                self.assertEqual(status, 401)
                self.assertIn(b"borderwire-console open", body)
                self.assertIn("ម៉ាស៊ីន".encode(), body)

    def test_a_token_is_good_once_and_a_wrong_one_never(self):
        self.assertEqual(self.ask(self.used)[0], 403)
        self.assertEqual(self.ask("/enter?token=" + "0" * 64)[0], 403)
        self.assertEqual(self.ask("/enter")[0], 403)

    def test_the_cookie_is_the_ports_own_for_no_script_and_no_other_site(self):
        self.assertRegex(self.set_cookie, rf"^borderwire-{self.port}=")
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, self.set_cookie)

    def test_with_it_the_page_and_a_policy_that_lets_nothing_else_in(self):
        status, headers, body = self.ask("/", cookie=self.cookie)
        self.assertEqual(status, 200)
        self.assertIn(b"main.js", body)
        policy = headers["content-security-policy"]
        self.assertIn("default-src 'self'", policy)
        self.assertIn("frame-ancestors 'none'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertIn("no-store", headers["cache-control"])

    def test_another_name_for_this_machine_is_refused(self):
        for host in (
            f"evil.example:{self.port}",
            f"localhost.evil.example:{self.port}",
            "127.0.0.1",
            f"127.0.0.1:{self.port + 1}",
            f"127.0.0.1.nip.io:{self.port}",
        ):
            with self.subTest(host):
                self.assertIn(self.ask("/api/start", cookie=self.cookie, host=host)[0], (400, 403, 421))

    def test_a_post_from_another_site_a_neighbours_port_or_nowhere_is_refused(self):
        draft = movement("Invented: forged")
        for origin in (
            "https://evil.example",
            f"http://127.0.0.1:{self.port + 1}",
            "null",
            f"http://localhost:{self.port}",
            None,
        ):
            with self.subTest(origin):
                self.assertEqual(self.post("/api/publish", draft, Origin=origin)[0], 403)
        self.assertEqual(self.post("/api/publish", draft, Content_Type="text/plain")[0], 415)
        self.assertEqual(self.post("/api/publish", draft, Sec_Fetch_Site="cross-site")[0], 403)
        self.assertEqual(self.ask("/api/start", cookie=self.cookie, Sec_Fetch_Site="same-site")[0], 403)
        self.assertEqual(
            self.ask(
                "/api/publish",
                "POST",
                json.dumps(draft),
                Origin=f"http://127.0.0.1:{self.port}",
                Content_Type="application/json",
            )[0],
            401,
        )
        self.assertEqual(self.post("/api/check", draft)[0], 200)

    def test_it_listens_on_this_machine_alone(self):
        listening = subprocess.run(
            ["ss", "-Hltn", f"sport = :{self.port}"], capture_output=True, text=True, check=True
        ).stdout
        self.assertIn("127.0.0.1", listening)
        self.assertEqual(len(listening.splitlines()), 1)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "only root can be another user")
    def test_another_user_of_this_machine_is_refused(self):
        script = (
            "import http.client\n"
            f"one = http.client.HTTPConnection('127.0.0.1', {self.port}, timeout=20)\n"
            "try:\n"
            f"    one.request('GET', '/api/start', None, {{'Cookie': '{self.cookie}'}})\n"
            "    print(one.getresponse().status)\n"
            "except OSError:\n"
            "    print('closed')\n"
        )
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        said = subprocess.run(
            [*nobody, "/usr/bin/python3", "-c", script], capture_output=True, text=True, check=True, cwd="/"
        ).stdout.strip()
        self.assertIn(said, ("closed", "403", "401"))
        opened = subprocess.run(
            [*nobody, PROGRAMS / "borderwire-console", "open", "--config", self.house.path("pv-desk.toml"), "--print"],
            capture_output=True,
            text=True,
            cwd="/",
        )
        self.assertNotEqual(opened.returncode, 0)
        self.assertNotIn("token", opened.stdout)

    def test_a_page_on_another_local_port_can_ask_nothing(self):
        """In the browser itself: a neighbour's page, with the officer's cookie at hand."""
        from browser import Browser
        import http.server
        import threading

        neighbour = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), http.server.BaseHTTPRequestHandler)
        neighbour.RequestHandlerClass.do_GET = lambda self: (
            self.send_response(200),
            self.send_header("Content-Length", "0"),
            self.end_headers(),
        )
        neighbour.RequestHandlerClass.log_message = lambda *words: None
        threading.Thread(target=neighbour.serve_forever, daemon=True).start()
        browser = Browser()
        try:
            browser.open(self.house.address())
            browser.driver.get(f"http://127.0.0.1:{neighbour.server_port}/")
            for path, options in (
                ("/api/start", "{credentials: 'include'}"),
                ("/api/publish", "{credentials: 'include', method: 'POST', mode: 'no-cors', body: '{}'}"),
            ):
                said = browser.wait(
                    f"fetch('http://127.0.0.1:{self.port}{path}', {options}).then(a => done(a.type + a.status), () => done('refused'))"
                )
                self.assertIn(said, ("refused", "opaque0"))
            framed = browser.wait(
                f"const frame = document.createElement('iframe'); frame.onload = () => done(frame.contentDocument === null ? 'foreign' : 'own'); frame.src = 'http://127.0.0.1:{self.port}/'; document.body.append(frame);"
            )
            self.assertEqual(framed, "foreign")
        finally:
            browser.end()
            neighbour.shutdown()


if __name__ == "__main__":
    unittest.main()
