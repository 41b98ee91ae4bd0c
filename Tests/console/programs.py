"""Running programs, whose lines are read as they come, and waiting for events."""

import ctypes
import queue
import signal
import subprocess
import threading
import time

DEADLINE = 60  # seconds for any one thing to happen, on a slow machine too
LIBC = ctypes.CDLL(None)


def die_with_parent():
    """In a program just started: it ends when the tests do, even killed (prctl(2), PR_SET_PDEATHSIG)."""
    LIBC.prctl(1, signal.SIGKILL)


def until(find, what, deadline=DEADLINE, pause=0.02):
    """What `find` gives as soon as it gives something; fails with `what` behind the deadline."""
    end = time.monotonic() + deadline
    while True:
        found = find()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what() if callable(what) else what}")
        time.sleep(pause)


class Program:
    """A daemon."""

    def __init__(self, *command):
        self.command = [str(word) for word in command]
        self.errors = []
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stderr:
            self.errors.append(line)
            self.lines.put(line)
        self.lines.put(None)

    def says(self, wanted):
        """Waits for a line with `wanted` in it."""
        end = time.monotonic() + DEADLINE
        while True:
            try:
                line = self.lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"{self.command[0]} has not said {wanted!r}:\n{''.join(self.errors)}")
            if wanted in line:
                return line

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
