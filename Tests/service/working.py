"""Claims about the service at work."""

import json
import shutil
import subprocess

from claim import claim, eventually, expect
from service import ANALYST, HUB, HUB_SETTINGS, POSTS, REGISTRY, REVOKED, UNITS, Service, timed

BACKUPS = "/var/backups/borderwire-hub"
# Bytes in which an idle hub has to live.
IDLE_MEMORY = 40 << 20


@claim("alerts of both posts reach both readers, each once, in order, signed", within=40)
def stream(service: Service):
    service.read(ANALYST)
    service.read(REVOKED)
    # Both stand in the hub's list once they are welcomed; what comes later, they get.
    for reader in service.readers.values():
        eventually(lambda: reader.process.poll() is None and listening(service, reader), 10, reader.talk())
    for post in POSTS:
        service.publish(post, 20)
    service.expect_exact()
    eventually(lambda: len(service.readers[REVOKED].lines()) == 40, 10, service.readers[REVOKED].talk())


@claim("the library for Python counts each alert by province once, as its package's example does, and goes on where it was", within=30)
def library(service: Service):
    home = f"/home/{ANALYST}"
    count = ["runuser", "-u", ANALYST, "--", "/usr/share/doc/python3-borderwire/examples/count-by-province",
             "--config", f"{home}/analyst.toml", "--database", f"{home}/counts.db", "--status", "Test"]
    for post in (None, POSTS[0]):
        if post:
            service.publish(post, 3)
            service.expect_exact()
        expected: dict[tuple[str, str], int] = {}
        for line in service.readers[ANALYST].lines():
            key = line["alert"]["provinces"][0], line["alert"]["kind"]
            expected[key] = expected.get(key, 0) + 1
        table = "\n".join(f"{code}\t{kind}\t{number}" for (code, kind), number in sorted(expected.items()))
        # The second time it begins behind the first.
        got = service.run(*count)
        expect(got == table, f"{got}, not {table}")
    expect("exactly" in service.run("python3", "-m", "pydoc", "borderwire"), "there is no documentation")
    return got.replace("\t", " ").replace("\n", ", ")


def listening(service: Service, reader) -> bool:
    name = next(name for name, known in service.readers.items() if known is reader)
    return any(link["identity"] == name and link.get("heard") for link in service.status()["links"])


@claim("the hub's key is root's alone; the service has it as a credential", within=20)
def credential(service: Service):
    expect(service.run("stat", "--format=%U %a", "/etc/borderwire/hub.key") == "root 600", "wrong owner or mode")
    pid = service.main_pid()
    user = service.run("stat", "--format=%U", f"/proc/{pid}")
    expect(user == "borderwire-hub", f"the hub runs as {user}")
    refused = service.container.try_run("runuser", "-u", "borderwire-hub", "--", "cat", "/etc/borderwire/hub.key")
    expect(refused.returncode != 0, "the hub's user can read the key file")


@claim("an officer who is not the post's user can neither publish for it nor see its outbox; root is told whom to be", within=20)
def officer(service: Service):
    words = ["borderwire-post", "publish", "--config", "/etc/borderwire/post-koh-kong.toml", "--file", "-"]
    text = service.drafts(POSTS[0], 1)
    stranger = service.container.try_run("runuser", "-u", ANALYST, "--", *words, text=text)
    expect(stranger.returncode == 77, f"exit status {stranger.returncode}: {stranger.stderr}")
    expect(service.container.try_run("runuser", "-u", ANALYST, "--", "ls", "/var/lib/borderwire-post/koh-kong").returncode != 0,
           "the outbox can be seen")
    root = service.container.try_run(*words, text=text)
    expect(root.returncode == 77 and "sudo -u" in root.stderr, f"exit status {root.returncode}: {root.stderr}")


@claim("the sandbox holds: no home, no write outside its state, no core, no capability", within=20)
def sandbox(service: Service):
    pid = service.main_pid()
    root = f"/proc/{pid}/root"
    status = dict(line.split(":\t") for line in service.run("cat", f"/proc/{pid}/status").splitlines() if ":\t" in line)
    expect(int(status["CapBnd"], 16) == 0 and int(status["CapEff"], 16) == 0, f"capabilities {status['CapBnd']}")
    expect(status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", f"{status['NoNewPrivs']}, {status['Seccomp']}")
    limits = service.run("cat", f"/proc/{pid}/limits")
    expect([line.split()[4:6] for line in limits.splitlines() if "core" in line] == [["0", "0"]], limits)
    expect(service.container.try_run("ls", f"{root}/home/analyst").returncode != 0, "homes can be seen")
    for path, is_writable in (
            ("/etc", False), ("/usr", False), ("/run", False), ("/run/lock", False), ("/var/lib", False),
            ("/var/lib/borderwire-hub", True)):
        # As root, whom only the mounts can stop.
        tried = service.container.try_run(
            "nsenter", f"--target={pid}", "--mount", "sh", "-c", f"touch {path}/tried && rm {path}/tried")
        expect((tried.returncode == 0) == is_writable, f"{path}: {tried.stderr or 'can be written'}")


@claim("an idle hub with two posts and two readers needs less than 40 MiB (PSS)", within=20)
def memory(service: Service):
    lines = service.run("cat", f"/proc/{service.main_pid()}/smaps_rollup").splitlines()
    figures = {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines if line.endswith("kB")}
    expect(figures["Pss"] < IDLE_MEMORY, f"{figures['Pss']} bytes")
    return f"PSS {figures['Pss'] / (1 << 20):.1f} MiB, of it anonymous {figures['Anonymous'] / (1 << 20):.1f} MiB"


@claim("metrics, health and readiness are served on loopback, and promtool finds nothing to say", within=30)
def metrics(service: Service):
    expect(service.get("/healthz") == (200, "alive\n"), f"{service.get('/healthz')}")
    expect(service.get("/readyz") == (200, "ready\n"), f"{service.get('/readyz')}")
    eventually(
        lambda: f"borderwire_log_offset {service.status()['offset']}\n" in service.get("/metrics")[1], 5,
        service.get("/metrics")[1])
    _, text = service.get("/metrics")
    for post in POSTS:
        expect(f'borderwire_post_silent{{post="{post}"}} 0' in text, text)
    expect("Invented" not in text, "content in the metrics")
    if not (promtool := shutil.which("promtool")):
        return "promtool (Debian's package prometheus) is not here and was not asked"
    verdict = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=80)
    expect(verdict.returncode == 0 and not verdict.stdout + verdict.stderr, verdict.stdout + verdict.stderr)
    return f"promtool said nothing about {len(text.splitlines())} lines"


@claim("a line in the journal has its event's id and fields, and journalctl -x says what to do", within=30)
def fields(service: Service):
    entry = service.events(HUB, "ready")[-1]
    expect(len(entry["MESSAGE_ID"]) == 32 and entry["BORDERWIRE_OFFSET"].isdigit(), f"{entry}")
    # A draft that the post takes and the hub does not: of a province that it may not publish.
    draft = json.loads(service.drafts(POSTS[0], 1))
    draft["provinces"] = [POSTS[1]]
    done = service.post(POSTS[0], "publish", "--file", "-", "--wait", "80s", "--format", "json", text=json.dumps(draft) + "\n")
    expect("rejected" in done.stdout, done.stdout + done.stderr)
    for unit, event in ((HUB, "alert-refused"), ("borderwire-post@koh-kong.service", "alert-rejected")):
        # The journal takes a moment.
        entry = eventually(lambda: service.events(unit, event), 5, f"no {event} in the journal")[-1]
        got = {name: entry.get(f"BORDERWIRE_{name}") for name in ("POST", "REASON")}
        expect(got == {"POST": POSTS[0], "REASON": "grant"} and entry["BORDERWIRE_SEQUENCE"].isdigit(), f"{entry}")
        expect("Invented" not in json.dumps(entry), "content in the journal")
    explained = service.run("journalctl", "--no-pager", "--catalog", f"--unit={HUB}", "BORDERWIRE_EVENT=alert-refused")
    expect("To do: Tell the post's officers" in explained, explained)


@claim("a reload with a revoked reader cuts it off, and no one else", within=30)
def reload(service: Service):
    reader = service.readers[REVOKED]
    before = len(reader.lines())
    service.run("borderwire-hub", "revoke", REVOKED)
    service.run("systemctl", "reload", HUB)
    eventually(lambda: "the registry has changed" in service.journal(HUB), 5, "no line in the journal")
    # Where it is not cut off it never ends. That it is within a second is measured where nothing else runs: make faults.
    eventually(lambda: reader.process.poll() is not None, 5, f"the revoked reader goes on: {reader.talk()[-300:]}")
    for post in POSTS:
        service.publish(post, 5)
    service.expect_exact()
    expect(len(reader.lines()) == before, "the revoked reader got alerts")
    expect(reader.process.returncode == 77, f"its exit status is {reader.process.returncode}: {reader.talk()[-300:]}")
    service.expect_active()


@claim("a registry that is not in order is refused on reload, and the one in force stays", within=30)
def bad_registry(service: Service):
    place = service.now()
    good = service.run("cat", REGISTRY)
    service.run("tee", "-a", REGISTRY, text='\n[[identity]]\nname = "koh-kong"\n')
    service.run("systemctl", "reload", HUB)
    eventually(lambda: "the registry stays as it was" in service.journal(HUB, place), 5, "no line in the journal")
    service.publish("koh-kong", 3)
    service.run("tee", REGISTRY, text=good + "\n")
    service.run("systemctl", "reload", HUB)
    service.expect_exact()
    service.expect_active()


@claim("a reload takes over changed limits and names what waits for a restart; a bad file is refused", within=30)
def settings(service: Service):
    good = service.run("cat", HUB_SETTINGS) + "\n"
    place = service.now()
    changed = good.replace('# silence = "60s"', 'silence = "20s"').replace("# feed_queue = 2000", "feed_queue = 3000")
    service.run("tee", HUB_SETTINGS, text=changed)
    service.run("systemctl", "reload", HUB)
    wanted = "in force: limits.silence; after a restart: limits.feed_queue"
    eventually(lambda: wanted in service.journal(HUB, place), 5, service.journal(HUB, place))
    service.run("tee", HUB_SETTINGS, text=changed.replace("silence", "silense"))
    service.run("systemctl", "reload", HUB)
    eventually(lambda: "stay as they were" in service.journal(HUB, place), 5, service.journal(HUB, place))
    expect("silense" in service.journal(HUB, place), service.journal(HUB, place))
    # Stays at 20 s for the next claim.
    service.run("tee", HUB_SETTINGS, text=changed.replace("feed_queue = 3000", "# feed_queue = 2000"))
    service.run("systemctl", "reload", HUB)
    service.expect_active()


@claim("a post that says nothing shows in the journal, in the metrics and in the status, until it is back", within=60)
def silent(service: Service):
    unit = f"borderwire-post@{POSTS[1]}.service"
    place = service.now()

    before = {event: len(service.events(HUB, event)) for event in ("post-silent", "post-heard")}

    def said(event: str) -> bool:
        entries = service.events(HUB, event)[before[event]:]
        return any(entry["BORDERWIRE_POST"] == POSTS[1] for entry in entries)

    service.run("systemctl", "stop", unit)
    eventually(lambda: said("post-silent"), 35, service.journal(HUB, place))
    eventually(lambda: f'borderwire_post_silent{{post="{POSTS[1]}"}} 1' in service.get("/metrics")[1], 3, "not in the metrics")
    expect(f'borderwire_post_silent{{post="{POSTS[0]}"}} 0' in service.get("/metrics")[1], "the other post is silent too")
    expect("SILENT since" in service.run("borderwire-hub", "status"), service.run("borderwire-hub", "status"))
    service.run("systemctl", "start", unit)
    eventually(lambda: said("post-heard"), 10, service.journal(HUB, place))
    expect("SILENT" not in service.run("borderwire-hub", "status"), service.run("borderwire-hub", "status"))
    good = service.run("cat", HUB_SETTINGS) + "\n"
    service.run("tee", HUB_SETTINGS, text=good.replace('silence = "20s"', '# silence = "60s"'))
    service.run("systemctl", "reload", HUB)


@claim("a post goes over to new keys while it works: old and new are valid together, and nothing is lost", within=60)
def rotation(service: Service):
    post, run = POSTS[0], service.run
    run("borderwire", "keygen", post, "--out", "/root")
    run("borderwire-hub", "enroll", "--rotate", "--overlap", "1h", f"/root/{post}.pub")
    service.publish(post, 3)
    service.expect_exact()
    # Analysts have both keys before the post uses the new ones.
    run("pkill", "-u", ANALYST, "-x", "borderwire")
    service.readers[ANALYST].process.wait(40)
    run("cp", f"/root/{post}.pub", f"/home/{ANALYST}/posts/{post}.2.pub")
    service.read(ANALYST)
    run("sh", "-c", f"chown borderwire-post /root/{post}.key && mv /root/{post}.* /etc/borderwire")
    run("systemctl", "restart", f"borderwire-post@{post}.service")
    service.publish(post, 3)
    service.expect_exact()
    run("borderwire-hub", "enroll", "--rotate", "--overlap", "0s", f"/etc/borderwire/{post}.pub")
    service.publish(post, 3)
    service.expect_exact()
    # What the former keys signed still verifies.
    expect("sound;" in run("borderwire-hub", "verify"), run("borderwire-hub", "verify"))


@claim("the backup service copies a running hub's log, and removes old copies only after that; a restored copy serves on", within=60)
def backup(service: Service):
    run = service.run
    run("touch", "--date=20 days ago", f"{BACKUPS}/alerts-old.db")
    service.queue(POSTS[0], 500)
    run("systemctl", "start", "borderwire-hub-backup.service")
    names = run("ls", BACKUPS).split()
    logs = [name for name in names if not name.endswith(".audit.db")]
    expect(len(logs) == 1 and logs[0] != "alerts-old.db", f"{names}")
    expect(logs[0].removesuffix(".db") + ".audit.db" in names, f"no record of who read what: {names}")
    run("systemctl", "enable", "--now", "borderwire-hub-backup.timer")
    expect(service.is_active("borderwire-hub-backup.timer"), "the timer is not active")
    # A complete one, of a hub that has stopped, takes the log's place: readers go on.
    service.expect_exact()
    run("systemctl", "stop", HUB)
    run("systemctl", "start", "borderwire-hub-backup.service")
    latest = next(name for name in run("ls", "-t", BACKUPS).split() if not name.endswith(".audit.db"))
    run("sh", "-c", "rm /var/lib/borderwire-hub/a*.db*")
    # By root, as an operator does: the files become the hub's.
    run("borderwire-hub", "restore", "--complete", f"{BACKUPS}/{latest}")
    owners = set(run("sh", "-c", "stat --format='%U %a' /var/lib/borderwire-hub/a*.db*").splitlines())
    expect(owners == {"borderwire-hub 600"}, f"{owners}")
    run("systemctl", "start", HUB)
    expect("replay" in run("borderwire-hub", "audit"), "the record of who read what did not come back")
    service.publish(POSTS[0], 3)
    service.expect_exact()


@claim("a stop under load is over before systemd would kill, and loses nothing", within=60)
def stop(service: Service):
    # Much more than the hub takes in a moment: it is stopped in the middle.
    for post in POSTS:
        service.queue(post, 3000)
    times = [timed(lambda: service.run("systemctl", "stop", unit)) for unit in UNITS]
    for unit in UNITS:
        # Another result where TimeoutStopSec was over.
        result = service.show(unit, "ActiveState", "Result", "ExecMainStatus")
        expect(result == ["inactive", "success", "0"], f"{unit}: {result}")
    service.run("systemctl", "start", *UNITS)
    service.expect_exact(30)
    return ", ".join(f"{seconds:.2f} s" for seconds in times)
