"""Claims about the page of one user."""

from claim import claim, eventually, expect
from service import ANALYST, POSTS, REVOKED, Service

EXAMPLE = "/usr/share/doc/borderwire-console/examples/console.toml"
SETTINGS = f"/etc/borderwire/console-{ANALYST}.toml"
UNIT = f"borderwire-console@{ANALYST}.service"
PORT = 9580
# A browser in few words: there is none in the tree.
ASK = """exec 3<>/dev/tcp/127.0.0.1/%d && printf 'GET %s HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\nCookie: %s\\r\\n\\r\\n' >&3 && timeout 5 cat <&3"""


def ask(service: Service, user: str, path: str, cookie: str = "") -> str:
    return service.container.try_run("runuser", "-u", user, "--", "bash", "-c", ASK % (PORT, path, PORT, cookie)).stdout


@claim("a user has a page of their own: opened by nobody else, and no other user's program gets in", within=60)
def console(service: Service):
    run = service.run
    run("cp", f"/home/{ANALYST}/{ANALYST}.key", "/etc/borderwire")
    run("chown", "root:", f"/etc/borderwire/{ANALYST}.key")
    run("cp", "-r", f"/home/{ANALYST}/posts", "/etc/borderwire/posts")
    run("sh", "-c", f"sed -e 's/sok/{ANALYST}/' -e 's/hub.invalid/127.0.0.1/' -e 's/^# posts/posts/' {EXAMPLE} > {SETTINGS}")
    run("systemctl", "start", UNIT)
    expect(run("stat", "--format=%U", f"/proc/{service.main_pid(UNIT)}") == ANALYST, "another user's")
    address = run("runuser", "-u", ANALYST, "--", "borderwire-console", "open", "--print")
    expect(address.startswith(f"http://127.0.0.1:{PORT}/enter?token="), address)
    stranger = service.container.try_run("runuser", "-u", REVOKED, "--", "borderwire-console", "open", "-c", SETTINGS)
    expect(stranger.returncode == 77, f"exit status {stranger.returncode}: {stranger.stderr}")
    path = address.partition(str(PORT))[2]
    # It was not used up by whoever may not enter.
    expect(ask(service, REVOKED, path) == "", "another user's program got in")
    entered = ask(service, ANALYST, path)
    expect("303" in entered.split("\r\n")[0], entered)
    cookie = entered.partition("Set-Cookie: ")[2].partition(";")[0]
    expect(ask(service, REVOKED, "/api/start", cookie) == "", "another user's program got in with the cookie")
    eventually(lambda: f'"identity":"{ANALYST}"' in ask(service, ANALYST, "/api/start", cookie), 10, "the hub has not let it in")
    expect("<!doctype html>" in ask(service, ANALYST, "/", cookie).lower(), "there is no page")


@claim("whoever is of a desk's group writes alerts for the post on their page, and nobody else", within=60)
def desk(service: Service):
    run = service.run
    post = POSTS[0]
    directory = f"/var/lib/borderwire-post/{post}.desk"
    settings = f"/etc/borderwire/post-{post}.toml"
    run("groupadd", "--system", "desk")
    run("usermod", "-aG", "desk", ANALYST)
    run("install", "-d", "-m", "2750", "-o", "borderwire-post", "-g", "desk", directory)
    run("sed", "-i", f"s#^\\# desk = .*#desk = \"{directory}\"#", settings)
    run("sed", "-i", f"s#^\\# post = .*#post = \"{settings}\"#", SETTINGS)
    run("systemctl", "restart", f"borderwire-post@{post}.service", UNIT)
    facts = run("stat", "--format=%U:%G %a", f"{directory}/desk")
    expect(facts == "borderwire-post:desk 660", f"the desk is {facts}")
    expect(service.container.try_run("runuser", "-u", REVOKED, "--", "ls", directory).returncode != 0, "the desk is open to others")
    address = run("runuser", "-u", ANALYST, "--", "borderwire-console", "open", "--print")
    cookie = ask(service, ANALYST, address.partition(str(PORT))[2]).partition("Set-Cookie: ")[2].partition(";")[0]
    eventually(lambda: '"write":true' in ask(service, ANALYST, "/api/start", cookie), 10, "the page can't write")
    run("systemctl", "stop", UNIT)
