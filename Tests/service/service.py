"""The service under test: two posts, a hub and its readers in one container."""

import json
import pathlib
import re
import subprocess
import time

from claim import eventually, expect
from container import COMMAND_SECONDS, Container

HUB = "borderwire-hub.service"
POSTS = ["koh-kong", "prey-veng"]
UNITS = [HUB] + [f"borderwire-post@{post}.service" for post in POSTS]
ANALYST = "analyst"
REVOKED = "visitor"

# What the next version's conffiles have more.
CHANGED = "# Of the next version.\n"

HUB_SETTINGS = "/etc/borderwire/hub.toml"
REGISTRY = "/etc/borderwire/registry.toml"


class Reader:
    """A running `borderwire tail`, by its own user, with a cursor, whose lines go to a file."""

    def __init__(self, container: Container, user: str):
        self.out = container.shared / f"{user}.jsonl"
        self.err = container.shared / f"{user}.err"
        self.process = container.start(
            "runuser", "-u", user, "--", "borderwire", "tail", "--config", f"/home/{user}/analyst.toml",
            "--cursor", "desk", "--format", "json", stdout=open(self.out, "ab"), stderr=open(self.err, "ab"))

    def lines(self) -> list[dict]:
        whole, _, _ = self.out.read_bytes().rpartition(b"\n")
        return [json.loads(line) for line in whole.splitlines()]

    def ids(self) -> list[str]:
        return [line["alert"]["id"] for line in self.lines()]

    def talk(self) -> str:
        return self.err.read_text(errors="replace")


class Service:
    def __init__(self, container: Container, packages: list[pathlib.Path]):
        self.container = container
        self.packages = packages
        self.run = container.run
        self.readers: dict[str, Reader] = {}
        self.stored: list[str] = []
        self.written = 0

    # What systemd says

    def show(self, unit: str, *properties: str) -> list[str]:
        text = self.run("systemctl", "show", unit, *[f"--property={name}" for name in properties])
        values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        return [values.get(name, "") for name in properties]

    def main_pid(self, unit: str = HUB) -> int:
        return int(self.show(unit, "MainPID")[0])

    def restarts(self, unit: str = HUB) -> int:
        return int(self.show(unit, "NRestarts")[0])

    def is_active(self, unit: str) -> bool:
        return self.show(unit, "ActiveState") == ["active"]

    def expect_active(self, *units: str):
        for unit in units or UNITS:
            state = self.show(unit, "ActiveState", "SubState")
            expect(state == ["active", "running"], f"{unit} is {state}: {self.journal(unit)[-800:]}")

    def now(self) -> str:
        """A place in the journal, for journal(since=...)."""
        text = self.run("journalctl", "--no-pager", "--quiet", "--lines=0", "--show-cursor")
        return text.rpartition("-- cursor: ")[2].strip()

    def journal(self, unit: str, since: str | None = None) -> str:
        after = [f"--after-cursor={since}"] if since else []
        return self.run("journalctl", "--no-pager", "--quiet", "--output=cat", f"--unit={unit}", *after)

    def events(self, unit: str, event: str) -> list[dict]:
        """Every entry of this kind. (journalctl loses the first match after a cursor that does not match itself.)"""
        text = self.container.try_run(
            "journalctl", "--no-pager", "--quiet", "--output=json", f"--unit={unit}", f"BORDERWIRE_EVENT={event}").stdout
        return [json.loads(line) for line in text.splitlines()]

    # What users do

    def post(self, post: str, command: str, *words: str, text: str | None = None, seconds: float = COMMAND_SECONDS):
        return self.container.try_run(
            "runuser", "-u", "borderwire-post", "--", "borderwire-post", *command.split(),
            "--config", f"/etc/borderwire/post-{post}.toml", *words, text=text, seconds=seconds)

    def drafts(self, post: str, count: int, padding: int = 0) -> str:
        """Invented alerts; padding: letters of description, to fill disks with."""
        lines = []
        for _ in range(count):
            self.written += 1
            draft = {
                "kind": "movement", "provinces": [post], "status": "Test", "headline": f"Invented boat {self.written}",
                "movement": {"mode": "river", "direction": "out", "people": 3, "minors": 0},
            }
            if padding:
                draft["description"] = "x" * padding
            lines.append(json.dumps(draft))
        return "\n".join(lines) + "\n"

    def publish(self, post: str, count: int, wait: int = 80) -> list[str]:
        """Publishes and waits until all of them are stored; gives their ids."""
        done = self.post(
            post, "publish", "--file", "-", "--wait", f"{wait}s", "--format", "json", text=self.drafts(post, count),
            seconds=wait + 40)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        ids = [line["id"] for line in lines if line["state"] == "stored"]
        expect(
            len(ids) == count and done.returncode == 0,
            f"{len(ids)} of {count} stored, exit status {done.returncode}: {done.stderr[-600:]}"
            f" {[line for line in lines if line['state'] != 'stored'][:2]}")
        self.stored += ids
        return ids

    def queue(self, post: str, count: int, padding: int = 0) -> list[str]:
        """Publishes without waiting; whether they arrive is for a later look."""
        done = self.post(
            post, "publish", "--file", "-", "--format", "json", text=self.drafts(post, count, padding))
        ids = [json.loads(line)["id"] for line in done.stdout.splitlines()]
        expect(len(ids) == count and done.returncode == 0, f"{len(ids)} of {count} queued: {done.stderr[-600:]}")
        self.stored += ids
        return ids

    def outbox(self, post: str) -> dict:
        return json.loads(self.post(post, "status", "--format", "json").stdout)

    def status(self) -> dict:
        return json.loads(self.run("borderwire-hub", "status", "--format", "json"))

    def get(self, path: str, port: int = 5559) -> tuple[int, str]:
        """Status and body, asked by bash, since a minimal tree has nothing else that speaks TCP."""
        answer = self.run(
            "bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3; echo .")
        head, _, body = answer.removesuffix(".").replace("\r", "").partition("\n\n")
        return int(head.split()[1]), body

    def read(self, user: str) -> Reader:
        self.readers[user] = Reader(self.container, user)
        return self.readers[user]

    def expect_exact(self, seconds: float = 20):
        """The analyst has got every alert once, in the order of the log, with good signatures."""
        reader = self.readers[ANALYST]
        wanted = len(self.stored)
        eventually(lambda: len(reader.lines()) >= wanted, seconds, f"{len(reader.lines())} of {wanted}: {reader.talk()[-400:]}")
        lines = reader.lines()
        offsets = [line["offset"] for line in lines]
        expect(offsets == sorted(set(offsets)), "an offset came twice or out of order")
        expect(sorted(reader.ids()) == sorted(self.stored), "not the alerts that were published, each once")
        expect(all(line["verified"] for line in lines), "a signature is not verified")

    def close(self):
        for reader in self.readers.values():
            if reader.process.poll() is None:
                reader.process.kill()
                reader.process.wait()


def next_version(packages: list[pathlib.Path], directory: pathlib.Path) -> list[pathlib.Path]:
    """The same packages under a later version, as an upgrade."""
    made = []
    for package in packages:
        tree = directory / package.stem
        subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
        control = tree / "DEBIAN/control"
        text = control.read_text()
        version = re.search(r"^Version: (.*)$", text, re.M)[1]
        control.write_text(text.replace(version, version + "+next"))
        for conffile in tree.glob("etc/borderwire/*.toml"):
            conffile.write_text(conffile.read_text() + CHANGED)
        made.append(directory / f"next-{package.name}")
        subprocess.run(["dpkg-deb", "--build", "-Znone", tree, made[-1]], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["rm", "-r", tree], check=True)
    return made


def timed(work) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start
