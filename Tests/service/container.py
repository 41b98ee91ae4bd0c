"""A Debian tree that boots under its own systemd, and is gone afterwards, whatever happens."""

import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

SUITE = "bookworm"
# How the names of what a run makes begin, before the number of the process that made them.
TREES = "borderwire-service-"
# Beside what the packages depend on: systemd with what it needs to be looked at, and what the claims use.
INCLUDED = ["systemd", "systemd-sysv", "dbus", "bash-completion", "procps"]
BOOT_SECONDS = 240
STOP_SECONDS = 20
# Of one command in the container, where its caller does not say.
COMMAND_SECONDS = 240


class CommandFailed(Exception):
    """A command in the container ended as it should not have."""


def dependencies(package: pathlib.Path) -> set[str]:
    """Names of what it needs that is not ours: of alternatives the first."""
    text = subprocess.run(
        ["dpkg-deb", "--field", package, "Depends"], check=True, capture_output=True, text=True).stdout
    names = {entry.split("|")[0].split("(")[0].strip().removesuffix(":any") for entry in text.split(",")}
    return {name for name in names if name and not name.startswith("borderwire")}


def base_tree(cache: pathlib.Path, packages: list[pathlib.Path]) -> pathlib.Path:
    """A tar of a tree in which all that the packages need is there, so that they install without a network.

    Made once, and kept until what they need changes.
    """
    included = sorted(set(INCLUDED).union(*map(dependencies, packages)))
    key = hashlib.sha256(" ".join([SUITE, *included]).encode()).hexdigest()[:12]
    tar = cache / f"base-{key}.tar"
    if tar.exists():
        return tar
    cache.mkdir(parents=True, exist_ok=True)
    for old in cache.glob("base-*.tar*"):
        old.unlink()
    print(f"building a Debian tree ({SUITE}), once", flush=True)
    # Renamed when whole: a run that was cut off leaves nothing that looks like a tree.
    part = tar.with_suffix(".tar.part")
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(included)}", "--format=tar", SUITE, part],
        check=True, timeout=900)
    part.rename(tar)
    return tar


class Container:
    """Boots in its own namespaces, with a loopback interface and no other network."""

    def __init__(self, tar: pathlib.Path, shared: pathlib.Path):
        """shared: a directory of the host, seen in the container as /shared."""
        remove_leftovers()
        self.tree = pathlib.Path(tempfile.mkdtemp(prefix=f"{TREES}{os.getpid()}-", dir="/var/tmp"))
        self.shared = shared
        self.nspawn = None
        self.leader = None
        try:
            subprocess.run(["setpriv", "--pdeathsig=KILL", "tar", "-xf", tar, "-C", self.tree], check=True, timeout=480)
            (self.tree / "shared").mkdir()
            (self.tree / "etc/hostname").write_text("borderwire-test\n")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def boot(self):
        self.nspawn = subprocess.Popen(
            # So that the container ends with this program even if that is killed.
            ["setpriv", "--pdeathsig=TERM", "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--link-journal=no",
             "--resolv-conf=off", "--timezone=off", "--console=pipe", f"--directory={self.tree}",
             f"--bind={self.shared}:/shared", "--boot"],
            stdin=subprocess.DEVNULL, stdout=open(self.shared / "console.log", "wb"), stderr=subprocess.STDOUT,
            start_new_session=True)
        end = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < end:
            if self.nspawn.poll() is not None:
                raise CommandFailed(f"systemd-nspawn ended with {self.nspawn.returncode}: {self.console()}")
            self.leader = self.leader or child_of(self.nspawn.pid)
            if self.leader and (state := self.try_run("systemctl", "is-system-running").stdout.strip()) in (
                    "running", "degraded"):
                return state
            time.sleep(0.2)
        raise CommandFailed(f"not booted after {BOOT_SECONDS} s: {self.console()}")

    def console(self) -> str:
        return (self.shared / "console.log").read_text(errors="replace")[-2000:]

    def command(self, *words: str) -> list[str]:
        return ["nsenter", "--target", str(self.leader), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup",
                "--wdns=/", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb",
                "DEBIAN_FRONTEND=noninteractive", *words]

    def try_run(self, *words: str, seconds: float = COMMAND_SECONDS, text: str | None = None):
        return subprocess.run(
            self.command(*words), capture_output=True, encoding="utf-8", errors="replace", input=text,
            stdin=None if text is not None else subprocess.DEVNULL, timeout=seconds)

    def run(self, *words: str, seconds: float = COMMAND_SECONDS, text: str | None = None) -> str:
        """Standard output, without white space at its ends."""
        done = self.try_run(*words, seconds=seconds, text=text)
        if done.returncode != 0:
            raise CommandFailed(f"{' '.join(words)}: exit status {done.returncode}: {(done.stderr + done.stdout).strip()[-1500:]}")
        return done.stdout.strip()

    def start(self, *words: str, **streams) -> subprocess.Popen:
        return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, start_new_session=True, **streams)

    def close(self):
        if self.nspawn and self.nspawn.poll() is None:
            # SIGTERM powers it off in order; if that takes too long, the end of its first process ends all of them.
            self.nspawn.terminate()
            try:
                self.nspawn.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                if self.leader:
                    try:
                        os.kill(self.leader, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                self.nspawn.kill()
                self.nspawn.wait()
        # Mounts were made in the container's own namespace, and went with it.
        shutil.rmtree(self.tree, ignore_errors=True)


def remove_leftovers():
    """What runs that were killed have left."""
    for tree in pathlib.Path("/var/tmp").glob(f"{TREES}*"):
        owner = tree.name.removeprefix(TREES).split("-")[0]
        if not pathlib.Path(f"/proc/{owner}").exists():
            shutil.rmtree(tree, ignore_errors=True)


def child_of(process: int) -> int | None:
    """The container's first process, by the host's number."""
    try:
        children = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return None
    for child in children:
        try:
            # The first process of a PID namespace is number 1 in it; before that, nspawn's helper is still at work.
            status = pathlib.Path(f"/proc/{child}/status").read_text()
            name = pathlib.Path(f"/proc/{child}/comm").read_text().strip()
        except OSError:
            continue
        numbers = [line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")]
        if numbers and numbers[0][-1] == "1" and name == "systemd":
            return int(child)
    return None
