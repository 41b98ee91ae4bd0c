"""A hub, two posts and consoles, in a directory of their own, on free ports, with invented identities."""

import atexit
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from programs import DEADLINE, Program

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "Sources" / "borderwire-console" / "page"
PROGRAMS = pathlib.Path(os.environ.get("BORDERWIRE_PROGRAMS", HERE.parent.parent / ".build" / "debug"))

GRANTS = {
    "koh-kong": ("--publish", "koh-kong,kampong-cham", "--read", "koh-kong"),
    "prey-veng": (
        "--publish",
        "prey-veng",
        "--read",
        "prey-veng,koh-kong,kampong-cham",
        "--duty",
        "koh-kong,kampong-cham",
    ),
    "pv-desk": ("--read", "all", "--duty", "koh-kong,prey-veng", "--may", "receipts"),
    # Of the command line's reader.
    "watcher": ("--read", "all", "--duty", "koh-kong,prey-veng", "--may", "ack,receipts"),
    "analyst": ("--read", "all", "--duty", "koh-kong", "--may", "ack,receipts"),
}


def free_port():
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def rfc3339(seconds=0):
    """Now and so many seconds, as alerts write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+07:00", time.gmtime(time.time() + seconds + 7 * 3600))


def movement(headline, **more):
    """An invented draft."""
    draft = {
        "kind": "movement",
        "severity": "Severe",
        "provinces": ["koh-kong"],
        "headline": headline,
        "movement": {"mode": "road", "direction": "out", "people": 4, "minors": 0},
    }
    return {key: value for key, value in (draft | more).items() if value is not None}


class House:
    """What one hub serves. Started whole; ends with the tests."""

    def __init__(self, settings='[limits]\nsilence = "20s"\n'):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="borderwire-console-"))
        self.programs = {}
        atexit.register(self.end)
        for name in ("hub", *GRANTS):
            self.run("borderwire", "keygen", name, "--out", ".")
        for name in ("state", "posts", "desk", *(f"state-{name}" for name in GRANTS)):
            self.path(name).mkdir(mode=0o700)
        for name in ("koh-kong", "prey-veng", "analyst", "watcher"):
            shutil.copy(self.path(f"{name}.pub"), self.path(f"posts/{name}.pub"))
        self.control, ingest, self.spare = free_port(), free_port(), free_port()
        self.path("hub.toml").write_text(
            f'key = "hub.key"\nregistry = "registry.toml"\nstate = "state"\n\n[listen]\naddress = "127.0.0.1"\n'
            f"control = {self.control}\ningest = {ingest}\nfeeds = [0, 0]\n[metrics]\nserve = false\n{settings}"
        )
        for name, grant in GRANTS.items():
            self.run("borderwire-hub", "enroll", "--config", "hub.toml", f"{name}.pub", *grant)
        link = f'[hub]\nhost = "127.0.0.1"\ncontrol = {self.control}\nkey = "hub.pub"\n'
        for name in ("koh-kong", "prey-veng"):
            desk = 'desk = "desk"\n' if name == "prey-veng" else ""
            self.path(f"{name}.toml").write_text(
                f'key = "{name}.key"\nstate = "state-{name}"\nprovince = "{name}"\n{desk}\n{link}'
            )
        for name, more in (("pv-desk", 'post = "prey-veng.toml"\n'), ("analyst", "")):
            self.path(f"{name}.toml").write_text(
                f'key = "{name}.key"\nposts = "posts"\nstate = "state-{name}"\nport = 0\npage = "{PAGE}"\n{more}\n{link}'
            )
        self.path("watcher.toml").write_text(f'key = "watcher.key"\nposts = "posts"\nstate = "state-watcher"\n\n{link}')
        self.start_hub()
        for name in ("koh-kong", "prey-veng"):
            self.start(name, "borderwire-post")
        for name in ("pv-desk", "analyst"):
            self.start(name, "borderwire-console")
        # Nobody uses it.
        self.old_address, self.minted = self.address(), time.monotonic()

    def path(self, name):
        return self.directory / name

    def start(self, name, program):
        self.programs[name] = Program(PROGRAMS / program, "run", "--config", self.path(f"{name}.toml"))
        self.programs[name].says("ready")
        return self.programs[name]

    def start_hub(self):
        return self.start("hub", "borderwire-hub")

    def run(self, program, *words, text=None):
        """A command, to its end; gives what it printed."""
        done = subprocess.run(
            [str(PROGRAMS / program), *map(str, words)],
            cwd=self.directory,
            input=text,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        if done.returncode:
            raise AssertionError(
                f"{program} {' '.join(map(str, words))}: status {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def publish(self, *drafts, post="koh-kong"):
        """Drafts of a post, until they are on the hub's log; gives what the post said of each."""
        lines = "".join(json.dumps(draft, ensure_ascii=False) + "\n" for draft in drafts)
        self.path("drafts.jsonl").write_text(lines)
        words = (
            "publish",
            "--config",
            f"{post}.toml",
            "--file",
            "drafts.jsonl",
            "--wait",
            f"{DEADLINE}s",
            "--format",
            "json",
        )
        # The others tell of possible links.
        lines = [json.loads(line) for line in self.run("borderwire-post", *words).splitlines()]
        said = [line for line in lines if line.get("state", "related") != "related"]
        assert [one["state"] for one in said] == ["stored"] * len(drafts), said
        return said

    def acknowledge(self, identifier, note, post="prey-veng"):
        self.run(
            "borderwire-post", "ack", identifier, "--config", f"{post}.toml", "--note", note, "--wait", f"{DEADLINE}s"
        )

    def address(self, console="pv-desk"):
        """Of the page, with a token that is good once."""
        return self.run("borderwire-console", "open", "--config", f"{console}.toml", "--print").strip()

    def end(self):
        for program in self.programs.values():
            program.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


_house = None


def house():
    """The one that most tests share: each writes alerts of its own and looks for these."""
    global _house
    _house = _house or House()
    return _house
