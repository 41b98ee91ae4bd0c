"""Publishing: what is queued goes to the hub, in order and once, and what became of each alert comes back."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import zmq

from .drafts import Provinces
from .errors import Malformed, OutboxError
from .frames import MOST, Body, hex16, integer, number_of
from .link import HELLO_AGAIN, Link, refusal
from .outbox import Outbox, Outcome
from .reader import PROGRAM
from .settings import Settings

WINDOW = 256  # alerts sent and not yet answered
ALIVE_EVERY = 10.0  # seconds
NEW_INGEST = 15.0  # seconds without the hub's subscription until the ingest socket is made anew
IN_USE_FOR = 45.0  # seconds for which "in-use" may be one's own former process
LOOK = 0.1  # seconds between two looks at what is overdue
# Refusals that one more attempt does not change.
NEEDS_A_PERSON = ("grant", "epoch", "epochs", "outbox-behind", "conflict", "version", "signature")


class Post:
    """An identity that may publish, or acknowledge.

        with Post(Settings.read("post.toml"), Outbox("outbox.db"), Provinces.load()) as post:
            post.queue([{"kind": "movement", "provinces": ["KH-9"], "headline": {"en": "Invented boat"},
                         "movement": {"mode": "river", "direction": "out"}}])
            for outcome in post.deliver(timeout=30):
                print(outcome.id, outcome.state)

    What `queue` returned for is on the disk, and is stored by the hub once (see `Outbox`), if not at this `deliver`, then at
    a later one, whichever process calls it. What a hub has lost that was restored from a copy is sent again with the next
    alert. One process has a name at a time. From one thread.
    """

    def __init__(self, settings: Settings, outbox: Outbox, provinces: Provinces, patience: float | None = None) -> None:
        """patience: seconds without the hub after which `deliver` raises HubUnreachable; None: only its timeout ends it."""
        self._settings, self._outbox, self._provinces, self._patience = settings, outbox, provinces, patience
        self._link: Link | None = None
        self._instance = hex16(int.from_bytes(os.urandom(8), "big") % MOST + 1)
        self._ingest: zmq.Socket[bytes] | None = None
        self._ingest_place: tuple[str, str, int] | None = None  # the hub's name, its machine's address, the port
        self._is_up, self._ingest_at = False, 0.0
        self._hello: int | None = None  # the hello under way; 0: one that is due
        self._outcomes: int | None = None  # the question that has to be answered before anything is sent
        self._sent = self._consumed = 0
        self._progress_at = self._asked_at = self._alive_at = self._paused_until = 0.0
        self._in_use_since: float | None = None
        outbox.reseal_waiting(settings.keys, provinces)

    def queue(self, drafts: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        """Completes the drafts (`borderwire.complete`) and puts them on the disk, all or none. Needs no hub.

        Raises AlertError for one that can't be sent at all. What else is wrong with an alert the hub says: its outcome is
        then REJECTED.
        """
        return self._outbox.queue(drafts, self._settings.keys, self._provinces)

    def deliver(self, timeout: float | None = None) -> Iterator[Outcome]:
        """Sends what waits; gives each outcome once it is on this disk. Ends with nothing waiting, or after `timeout` seconds.

        Raises Refused (nothing may be published, another process has the name), OutboxError, HubUnreachable.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while self._outbox.waiting() and (end is None or time.monotonic() < end):
            yield from self._turn()

    def close(self) -> None:
        """Ends the connection. The outbox is closed too."""
        if self._link:
            self._link.close()
            self._link = None
        self._outbox.close()

    def __enter__(self) -> Post:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _turn(self) -> list[Outcome]:
        if self._link is None:
            self._link = Link(self._settings, self._patience)
        link = self._link
        link.keep_up()
        ready = link.poll(LOOK)
        found: list[Outcome] = []
        for verb, body, _ in link.replies():
            try:
                found += self._reply(link, verb, body)
            except Malformed:
                continue  # asked again when it is overdue
        if self._ingest is not None and self._ingest in ready:
            # A subscription came (1) or went (0): what was in flight is unknown.
            self._is_up = self._ingest.recv()[:1] == b"\x01"
            if self._is_up:
                self._greet(link)
        self._look(link, time.monotonic())
        self._send(link)
        return found

    def _look(self, link: Link, now: float) -> None:
        is_waiting = self._hello is not None or self._sent > self._consumed
        # libzmq may have given the ingest socket up: the next welcome makes it anew.
        is_without_ingest = link.is_welcomed and not self._is_up and now - self._ingest_at > NEW_INGEST
        if self._hello and link.is_welcomed and now - self._progress_at > HELLO_AGAIN:
            link.leave()
        if link.is_new or is_without_ingest or is_waiting and now - self._progress_at > HELLO_AGAIN:
            link.is_new, self._ingest_at = False, now
            self._greet(link)
        if self._outcomes is not None and now - self._asked_at > HELLO_AGAIN:
            self._outcomes = None
        if link.is_welcomed and now - self._alive_at > ALIVE_EVERY:
            self._alive_at = now
            link.ask("alive", {"depth": self._outbox.waiting(), "time": time.time_ns() // 1_000_000})
            self._ask_outcomes(link)

    def _greet(self, link: Link) -> None:
        self._progress_at = time.monotonic()
        self._hello = link.ask(
            "hello",
            {
                "program": PROGRAM,
                "epoch": hex16(self._outbox.epoch),
                "last": self._outbox.last,
                "instance": self._instance,
                "time": time.time_ns() // 1_000_000,
            },
        )

    def _send(self, link: Link) -> None:
        """At most the window, in order, and only while the hub listens."""
        waits = self._hello is not None or self._outcomes is not None or time.monotonic() < self._paused_until
        if self._ingest is None or not self._is_up or not link.is_welcomed or waits:
            return
        for frames in self._outbox.frames(self._sent + 1, min(self._outbox.last, self._consumed + WINDOW)):
            if self._sent == self._consumed:
                self._progress_at = time.monotonic()
            try:
                self._ingest.send_multipart(frames.encode(), zmq.NOBLOCK)
            except zmq.Again:
                return
            self._sent = frames.sequence

    def _reply(self, link: Link, verb: str, body: Body) -> list[Outcome]:
        if verb == "welcome" and body.get("request") == self._hello:
            self._welcomed(link, body)
        elif verb == "acknowledged" and body.get("epoch") == hex16(self._outbox.epoch):
            if body.get("request") == self._outcomes:
                self._outcomes = None
            return self._acknowledged(body)
        elif verb == "resume" and body.get("epoch") == hex16(self._outbox.epoch):
            self._sent = self._consumed = integer(body, "from", 1) - 1
            self._paused_until = time.monotonic() + (integer(body, "wait") if body.get("wait") else 0) / 1_000
            self._progress_at = max(time.monotonic(), self._paused_until)
        elif verb == "refused":
            self._refused(link, body)
        return []

    def _refused(self, link: Link, body: Body) -> None:
        what, code = link.what, body.get("code")
        if code == "elsewhere" or code == "unavailable" and body.get("request") == self._hello:
            # Another hub writes the log. Of several, one that does not say which is asked again a little later.
            if code == "unavailable" or body.get("hub"):
                link.leave(body.get("hub"))
            self._hello = 0
        if code == "in-use":
            now = time.monotonic()
            self._in_use_since = self._in_use_since or now
            self._hello = 0  # until a welcome nothing is sent
            if now - self._in_use_since > IN_USE_FOR:
                raise refusal("publish", what, body, "stop the other process, or enrol this one under another name")
        elif code in NEEDS_A_PERSON:
            remedy = "the outbox is kept; ask the hub's operator"
            if code in ("outbox-behind", "conflict", "epoch"):
                remedy = "the outbox is kept; Outbox.begin_epoch() numbers what waits anew, if nobody else has this name"
            raise refusal("publish", what, body, remedy)

    def _welcomed(self, link: Link, welcome: Body) -> None:
        self._hello = self._in_use_since = None
        port = welcome.get("ingest")
        if port is None:
            remedy = "the hub's operator grants it: borderwire-hub enroll --publish"
            raise refusal("publish", link.what,
                          {"code": "grant", "reason": "nothing may be published"}, remedy)  # fmt: skip
        name, through = hex16(number_of(welcome.get("log"))), integer(welcome, "through")
        self._check_answered(name, through)
        link.welcomed()
        self._consumed = self._sent = through
        self._alive_at = self._progress_at = time.monotonic()
        place = link.hub.keys.name, link.address, integer(welcome, "ingest", 1, 65_535)
        if self._ingest_place != place or not self._is_up:
            if self._ingest is not None:
                link.disconnect(self._ingest)
            self._is_up, self._ingest_place = False, place
            self._ingest_at = time.monotonic()
            self._ingest = link.connect(zmq.XPUB, place[2], [(zmq.IMMEDIATE, 1), (zmq.SNDHWM, 2 * WINDOW)])
        self._ask_outcomes(link)

    def _check_answered(self, log: str, through: int) -> None:
        """What was answered must still be at the hub; a hub that was restored from a copy gets it again, if it is kept."""
        answered, known = self._outbox.answered_through(), self._outbox.fact("log")
        if through < answered and known == log:
            cause = f"the hub has consumed {through}, and answered {answered} of its alerts: it lost what it had stored"
            raise OutboxError("publish", self._outbox.path, cause, "tell the hub's operator; nothing was sent")
        if through < answered and len(self._outbox.frames(through + 1, answered)) < answered - through:
            cause = f"the hub was restored from a copy that ends at {through}, and what follows is kept no longer"
            remedy = "Outbox.begin_epoch() carries on with what waits; that part is lost at the hub"
            raise OutboxError("publish", self._outbox.path, cause, remedy)
        if known != log:
            self._outbox.set_fact("log", log)

    def _ask_outcomes(self, link: Link) -> None:
        """Answers to what is consumed may have been lost with the connection."""
        missing = self._outbox.unanswered(self._consumed)
        if missing:
            through = min(missing[0] + 999, self._consumed)
            body = {"epoch": hex16(self._outbox.epoch), "from": missing[0], "through": through}
            self._outcomes, self._asked_at = link.ask("outcomes", body), time.monotonic()

    def _acknowledged(self, body: Body) -> list[Outcome]:
        self._progress_at = time.monotonic()
        self._consumed = max(self._consumed, integer(body, "through"))
        self._sent = max(self._sent, self._consumed)
        runs, sums, refusals = body.get("stored"), body.get("sums"), body.get("refused")
        if not isinstance(runs, list) or not isinstance(refusals, list):
            raise Malformed("acknowledged")
        stored: list[tuple[int, int]] = []
        for index, run in enumerate(runs):
            if not isinstance(run, list) or len(run) != 3 or not all(type(n) is int and 1 <= n <= MOST for n in run):
                raise Malformed("acknowledged")
            sequence, offset, count = run
            if count > WINDOW * 8:
                raise Malformed("acknowledged")
            if isinstance(sums, list) and index < len(sums):
                self._check_sum(sequence, count, sums[index])
            stored += [(sequence + step, offset + step) for step in range(count)]
        refused = [(integer(one, "sequence", 1), str(one.get("code")), str(one.get("reason"))) for one in refusals]
        return self._outbox.answer(stored, refused)

    def _check_sum(self, sequence: int, count: int, told: object) -> None:
        """Which alerts these are, as the hub tells it: not those of another machine under this name."""
        ids, total = self._outbox.ids(sequence, count), 0
        for id in ids:
            total ^= int(id.replace("-", ""), 16)
        if len(ids) == count and told != f"{total:032x}":
            cause = f"the hub has other alerts under sequences from {sequence} on"
            remedy = "it was restored from an older copy, or another machine has this name; Outbox.begin_epoch() numbers anew"
            raise OutboxError("publish", self._outbox.path, cause, remedy)
