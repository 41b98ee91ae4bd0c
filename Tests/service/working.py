"""Claims about the service at work."""

import json
import shutil
import subprocess

from claim import claim, eventually, expect
from service import ANALYST, HUB, POSTS, REGISTRY, REVOKED, UNITS, Service, timed

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
    verdict = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=20)
    expect(verdict.returncode == 0 and not verdict.stdout + verdict.stderr, verdict.stdout + verdict.stderr)
    return f"promtool said nothing about {len(text.splitlines())} lines"


@claim("a line in the journal has its event's id and fields, and journalctl -x says what to do", within=30)
def fields(service: Service):
    text = service.run("journalctl", "--no-pager", "--output=json", f"--unit={HUB}", "BORDERWIRE_EVENT=ready")
    entry = json.loads(text.splitlines()[-1])
    expect(len(entry["MESSAGE_ID"]) == 32 and entry["BORDERWIRE_OFFSET"].isdigit(), f"{entry}")
    place = service.now()
    # A draft that the post takes and the hub does not: of a province that it may not publish.
    draft = json.loads(service.drafts(POSTS[0], 1))
    draft["provinces"] = [POSTS[1]]
    done = service.post(POSTS[0], "publish", "--file", "-", "--wait", "10s", "--format", "json", text=json.dumps(draft) + "\n")
    expect("rejected" in done.stdout, done.stdout + done.stderr)
    for unit, event in ((HUB, "alert-refused"), ("borderwire-post@koh-kong.service", "alert-rejected")):
        text = service.run(
            "journalctl", "--no-pager", "--output=json", f"--unit={unit}", f"--after-cursor={place}",
            f"BORDERWIRE_EVENT={event}")
        entry = json.loads(text.splitlines()[-1])
        got = {name: entry.get(f"BORDERWIRE_{name}") for name in ("POST", "REASON")}
        expect(got == {"POST": POSTS[0], "REASON": "grant"} and entry["BORDERWIRE_SEQUENCE"].isdigit(), f"{entry}")
        expect("Invented" not in text, "content in the journal")
    explained = service.run("journalctl", "--no-pager", "--catalog", f"--unit={HUB}", "BORDERWIRE_EVENT=alert-refused")
    expect("To do: Tell the post's officers" in explained, explained)


@claim("a reload with a revoked reader cuts it off within a second, and no one else", within=30)
def reload(service: Service):
    reader = service.readers[REVOKED]
    before = len(reader.lines())
    service.run("borderwire-hub", "revoke", REVOKED)
    service.run("systemctl", "reload", HUB)
    eventually(lambda: "the registry has changed" in service.journal(HUB), 1, "no line in the journal")
    eventually(lambda: reader.process.poll() is not None, 1, f"the revoked reader goes on: {reader.talk()[-300:]}")
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


@claim("the backup service copies a running hub's log, and removes old copies only after that; a restored copy serves on", within=60)
def backup(service: Service):
    run = service.run
    run("touch", "--date=20 days ago", f"{BACKUPS}/alerts-old.db")
    service.queue(POSTS[0], 500)
    run("systemctl", "start", "borderwire-hub-backup.service")
    names = run("ls", BACKUPS).split()
    expect(len(names) == 1 and names[0] != "alerts-old.db", f"{names}")
    run("systemctl", "enable", "--now", "borderwire-hub-backup.timer")
    expect(service.is_active("borderwire-hub-backup.timer"), "the timer is not active")
    # A complete one, of a hub that has stopped, takes the log's place: readers go on.
    service.expect_exact()
    run("systemctl", "stop", HUB)
    run("systemctl", "start", "borderwire-hub-backup.service")
    latest = run("ls", "-t", BACKUPS).split()[0]
    run("sh", "-c", "rm /var/lib/borderwire-hub/alerts.db*")
    run("runuser", "-u", "borderwire-hub", "--", "borderwire-hub", "restore", "--complete", f"{BACKUPS}/{latest}")
    run("systemctl", "start", HUB)
    service.publish(POSTS[0], 3)
    service.expect_exact()


@claim("a stop under load takes less than 5 seconds and loses nothing", within=60)
def stop(service: Service):
    # Much more than the hub takes in a moment: it is stopped in the middle.
    for post in POSTS:
        service.queue(post, 3000)
    times = [timed(lambda: service.run("systemctl", "stop", unit)) for unit in UNITS]
    for unit, seconds in zip(UNITS, times):
        result = service.show(unit, "ActiveState", "Result", "ExecMainStatus")
        expect(seconds < 5 and result == ["inactive", "success", "0"], f"{unit}: {seconds:.1f} s, {result}")
    service.run("systemctl", "start", *UNITS)
    service.expect_exact(30)
    return ", ".join(f"{seconds:.2f} s" for seconds in times)
