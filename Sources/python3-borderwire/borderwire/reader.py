"""Reading: an exact stream of alerts, each once, in the order of the hub's log, none missing, verified."""

from __future__ import annotations

import collections
import datetime
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from types import TracebackType

import zmq

from .alert import Alert, Position, read_alert
from .chains import TopicChains
from .cursors import Cursor
from .errors import BorderwireError, HubUnreachable, LogChanged, Malformed
from .frames import HEARTBEAT_TOPIC, Body, Checkpoint, Delivery, Heartbeat, decode_page, hex16, integer, number_of
from .link import HELLO_AGAIN, Link, log, refusal
from .settings import Settings
from .stream import FeedStream, Given
from .vouching import Vouching

PROGRAM = "python3-borderwire"
PAGE_AGAIN = 5.0  # seconds without a page until it is asked for again
SILENCE = 5.0  # seconds without a heartbeat until the hub is greeted again
NEW_FEED = 15.0  # seconds without anything on the feed until its socket is made anew
VOUCH_EVERY = 10.0  # seconds between two questions for the hub's signature
LOOK = 0.2  # seconds between two looks at what is overdue
LARGEST_FRAME = 4 << 20  # bytes


@dataclass(frozen=True)
class Batch:
    """Alerts that follow each other, and the place after them: what `Cursor.advance` takes. It may hold no alert."""

    alerts: tuple[Alert, ...]
    position: Position


class Reader:
    """An exact stream of alerts.

        settings = Settings.read("analyst.toml")
        cursor = CursorFile("night.cursor")
        with Reader(settings, topics=["kh.koh-kong.suspect."], cursor=cursor) as reader:
            for batch in reader:                 # for ever; reader.backlog() ends with what there is
                for alert in batch.alerts:
                    ...
                cursor.advance(batch.position)   # now it will not come again

    What it promises: every alert that is asked for and granted comes once and in the order of offsets, over a cut
    network, a restart of the hub, and messages that a feed dropped. With a cursor also over restarts of the program, but
    for a batch that it was dealing with when it was killed (`CursorFile`), or without exception (`DatabaseCursor`).

    It recomputes the chains of what it reads and holds them against what the hub signs, every 10 s and at the end, and
    against the checkpoint that the cursor keeps: raises LogChanged. It does not judge alerts: look at `Alert.check`.
    From one thread. While nobody calls it, the hub keeps 2,000 deliveries for it; what is beyond is fetched from the log.

    Raises from its iteration: Refused (not enrolled, nothing granted), LogChanged, and HubUnreachable with `patience`.
    """

    def __init__(
        self,
        settings: Settings,
        topics: Collection[str] = (),
        cursor: Cursor | None = None,
        after: int | None = None,
        since: datetime.datetime | None = None,
        patience: float | None = None,
    ) -> None:
        """topics: `country.province.kind.` of each; none: everything that is granted
        cursor: goes on after its place, wherever `after` and `since` point
        after: begin after this offset, 0 with the first alert; since: with what the hub received then or later;
        neither: with what comes now
        patience: seconds without the hub after which HubUnreachable is raised; None: it goes on trying for ever
        """
        self._settings, self._topics, self._cursor = settings, sorted(topics), cursor
        self._after, self._since = after, since
        self._link = Link(settings, patience)
        self._stream: FeedStream | None = None
        self._batches: collections.deque[Batch] = collections.deque()
        self._told: Position | None = None  # of the last batch
        self._welcome: Body | None = None
        self._anchor: int | None = None  # where the chains' place is asked for, before anything is read
        self._asked: dict[str, tuple[int, float]] = {}  # by what for: the request's number, and when
        self._feed: zmq.Socket[bytes] | None = None
        self._feed_place: tuple[str, str, int] | None = None  # the hub's name, its machine's address, the port
        self._feed_at = self._heard_at = self._greeted_at = 0.0
        self._given = 0
        self._hubs = [hub.keys for hub in settings.hubs]
        self._vouching = Vouching([keys.signing for keys in self._hubs], cursor)
        self._vouched_at = time.monotonic()

    # What users call.

    def next(self, timeout: float | None = None) -> Batch | None:
        """The next batch; None after `timeout` seconds without one."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._batches:
            left = LOOK if end is None else min(LOOK, end - time.monotonic())
            if left < 0:
                return None
            self._turn(left)
        return self._batches.popleft()

    def __iter__(self) -> Iterator[Batch]:
        while True:
            batch = self.next()
            if batch is not None:
                yield batch

    def backlog(self) -> Iterator[Batch]:
        """Ends once all that was in the log has come. Then the hub has signed for it."""
        while not (self.is_live and not self._batches):
            batch = self.next(LOOK)
            if batch is not None:
                yield batch
        self.verify()

    @property
    def is_live(self) -> bool:
        """Whether all that was in the log has been read, so that what comes now is new."""
        return self._stream is not None and self._stream.live

    @property
    def repairs(self) -> int:
        """How often the feed lacked something, which was fetched from the log."""
        return self._stream.repairs if self._stream else 0

    def verify(self, timeout: float = 10.0) -> None:
        """Has the hub sign for everything read so far. Raises LogChanged, and HubUnreachable where no answer comes."""
        end = time.monotonic() + timeout
        while self._stream is not None and self._vouching.through < self._stream.position:
            if time.monotonic() > end:
                raise HubUnreachable("verify", "what was read", f"no answer of the hub for {timeout:.0f} s")
            self._vouched_at = 0.0
            self._turn(LOOK)

    def close(self) -> None:
        self._link.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._link.is_welcomed:
                self.verify(timeout=2.0)
        except HubUnreachable as unreachable:
            log.warning("%s", unreachable)
        finally:
            self.close()

    # One turn: what arrived, then what is overdue.

    def _turn(self, seconds: float) -> None:
        self._link.keep_up()
        ready = self._link.poll(seconds)
        for verb, body, records in self._link.replies():
            try:
                self._reply(verb, body, records)
            except Malformed as error:
                log.warning("read a reply (%s) of the hub: %s; it is asked again", verb, error)
        # Between a hello and its welcome it stays in the socket: see "Reading a feed".
        if self._feed in ready and self._link.is_welcomed and "hello" not in self._asked:
            self._take_feed()
        self._look(time.monotonic())

    def _take_feed(self) -> None:
        for _ in range(256):
            if self._feed is None or self._stream is None:
                return
            try:
                frames = self._feed.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._heard_at = time.monotonic()
            try:
                self._fed(self._stream, frames)
            except Malformed as error:
                log.warning("read the feed: %s; it is fetched from the log", error)
                self._stream.lost()

    def _fed(self, stream: FeedStream, frames: list[bytes]) -> None:
        if len(frames) < 2:
            raise Malformed("too few frames")
        if frames[0] == HEARTBEAT_TOPIC:
            if len(frames) > 2 and frames[2]:
                self._vouching.check_signed(Checkpoint.decode(frames[2]))
            stream.heartbeat(Heartbeat.decode(frames[1]))
            self._give(stream, [])
        else:
            self._give(stream, stream.delivery(frames[0].decode("ascii", "replace"), Delivery.decode(frames[1])))

    def _reply(self, verb: str, body: Body, records: bytes) -> None:
        purpose = next((name for name, asked in self._asked.items() if asked[0] == body.get("request")), None)
        if purpose is None:
            return
        if verb == "refused":
            return self._refused(purpose, body)
        del self._asked[purpose]
        if purpose == "hello" and verb == "welcome":
            self._welcomed(body)
        elif purpose == "locate" and verb == "located":
            self._after = integer(body, "after")
            self._begin()
        elif purpose == "fork" and verb == "checkpoint":
            self._vouching.check_fork(Checkpoint.of_body(body.get("checkpoint") or {}))
        elif purpose == "anchor" and verb == "checkpoint":
            self._anchored(body)
        elif purpose == "vouch" and verb == "checkpoint" and self._stream:
            self._vouching.answered(body, self._stream.chains)
            self._vouched_at = time.monotonic()
        elif purpose == "replay" and verb == "page" and self._stream:
            self._give(self._stream, self._stream.page(body, decode_page(records)))

    def _refused(self, purpose: str, body: Body) -> None:
        if body.get("code") in ("busy", "unavailable", "elsewhere"):
            if purpose == "hello" and body["code"] != "busy":
                self._link.leave(body.get("hub"))
            return  # asked again when it is overdue
        if body.get("code") == "ahead":
            raise LogChanged("read", "the hub's log", "it ends before what was read earlier", "tell the hub's operator")
        raise refusal(purpose, self._link.what, body, "ask the hub's operator")

    # The way from a connection to a stream.

    def _welcomed(self, welcome: Body) -> None:
        if not welcome.get("feed"):
            cause = "nothing may be read" if not welcome.get("read") else "it has no port free for a feed"
            raise refusal("read", self._link.what, {"code": "grant", "reason": cause},
                          "the hub's operator grants provinces: borderwire-hub enroll --read")  # fmt: skip
        number = number_of(welcome.get("log"))
        offset = integer(welcome, "offset")
        place = self._cursor.position if self._cursor else None
        known = self._stream.log if self._stream else place.log if place else None
        if known not in (None, number):
            cause = f"its log is {hex16(number)}, and what was read is of {hex16(known or 0)}"
            remedy = "it was restored from a copy or set up anew: ask its operator, then begin with another cursor"
            raise LogChanged("read", self._link.what, cause, remedy)
        kept = self._vouching.kept
        reached = max(kept.offset if kept else 0, place.offset if place else 0)
        if offset < reached:
            cause = f"its log ends at {offset}, and was read up to {reached}"
            raise LogChanged("read", self._link.what, cause, "tell its operator")
        if isinstance(welcome.get("checkpoint"), dict):
            self._vouching.check_signed(Checkpoint.of_body(welcome["checkpoint"]))
        self._welcome = welcome
        self._connect_feed(integer(welcome, "feed", 1, 65_535))
        self._link.welcomed()
        if kept:
            self._ask("fork", "checkpoint", {"offset": kept.offset})
        if self._stream:
            self._stream.welcomed(welcome)
        else:
            self._begin()

    def _begin(self) -> None:
        """Where to begin is known from the cursor, the caller, or the hub; then where the chains stand there."""
        if self._welcome is None or self._stream:
            return
        place, kept = self._cursor.position if self._cursor else None, self._vouching.kept
        if place is None and self._since is not None and self._after is None:
            self._ask("locate", "locate", {"since": int(self._since.timestamp() * 1_000)})
            return
        given = place.offset if place else self._after if self._after is not None else integer(self._welcome, "offset")
        start = min(given, kept.offset) if kept else given
        self._given = given
        if start == 0:
            self._start(0, TopicChains(is_known_from_start=True))
        else:
            self._anchor = start
            self._ask("anchor", "checkpoint", {"offset": start, "topics": self._topics})

    def _anchored(self, reply: Body) -> None:
        if self._anchor is not None and self._stream is None:
            chains = TopicChains(is_known_from_start=False)
            checkpoint = chains.anchor(reply, self._vouching.keys)
            if checkpoint.offset != self._anchor:
                raise Malformed("a checkpoint of another offset")
            self._start(self._anchor, chains)

    def _start(self, position: int, chains: TopicChains) -> None:
        if self._welcome is None:
            return
        self._stream = FeedStream(self._topics, number_of(self._welcome["log"]), position, self._given, chains)
        self._stream.welcomed(self._welcome)
        self._give(self._stream, [])

    def _connect_feed(self, port: int) -> None:
        """Anew at another hub or port, and where nothing has come for long: libzmq may have given the socket up."""
        now = time.monotonic()
        place = self._link.hub.keys.name, self._link.address, port
        is_silent = now - max(self._heard_at, self._feed_at) > NEW_FEED
        if self._feed is not None and place == self._feed_place and not is_silent:
            return
        if self._feed is not None:
            self._link.disconnect(self._feed)
        filters = [topic.encode() for topic in self._topics] + [HEARTBEAT_TOPIC] if self._topics else [b""]
        options = [(zmq.SNDHWM, 0), (zmq.MAXMSGSIZE, LARGEST_FRAME)] + [(zmq.SUBSCRIBE, name) for name in filters]
        self._feed_place, self._feed_at = place, now
        self._feed = self._link.connect(zmq.SUB, port, options)

    # What is overdue.

    def _look(self, now: float) -> None:
        link = self._link
        if self._is_overdue("hello", now, HELLO_AGAIN):
            link.leave()
        if link.is_new or self._is_overdue("hello", now, HELLO_AGAIN):
            link.is_new = False
            self._asked.clear()
            self._vouching.forget()
            self._hello(now)
            return
        if not link.is_welcomed:
            return
        for purpose in ("locate", "anchor"):
            if self._is_overdue(purpose, now, PAGE_AGAIN):
                self._begin()
        if self._is_overdue("fork", now, PAGE_AGAIN) and self._vouching.kept:
            self._ask("fork", "checkpoint", {"offset": self._vouching.kept.offset})
        stream = self._stream
        if stream is None:
            return
        if stream.replay_after is not None:
            self._ask("replay", "replay", {"after": stream.replay_after, "topics": self._topics})
            stream.replay_after = None
        elif self._is_overdue("replay", now, PAGE_AGAIN) or not stream.live and "replay" not in self._asked:
            self._ask("replay", "replay", {"after": stream.position, "topics": self._topics})
        if now - max(self._heard_at, self._greeted_at) > SILENCE and "hello" not in self._asked:
            self._hello(now)
        is_wanted = stream.live and self._vouching.is_wanted(stream.position, stream.chains)
        if is_wanted and now - self._vouched_at > VOUCH_EVERY and self._is_free("vouch", now):
            self._vouching.ask(stream.position, stream.chains)
            self._ask("vouch", "checkpoint", {"offset": stream.position, "topics": self._topics})

    def _hello(self, now: float) -> None:
        self._greeted_at = now
        self._ask("hello", "hello", {"program": PROGRAM})

    def _ask(self, purpose: str, verb: str, body: Body) -> None:
        self._asked[purpose] = self._link.ask(verb, body), time.monotonic()

    def _is_overdue(self, purpose: str, now: float, patience: float) -> bool:
        asked = self._asked.get(purpose)
        return asked is not None and now - asked[1] > patience

    def _is_free(self, purpose: str, now: float) -> bool:
        return purpose not in self._asked or self._is_overdue(purpose, now, PAGE_AGAIN)

    def _give(self, stream: FeedStream, given: list[Given]) -> None:
        """Into the queue, with the place after it. Nothing where nothing has moved."""
        number = stream.log or 0
        alerts = tuple(
            read_alert(one.record, number, one.topic, one.sequence, self._settings.posts, self._hubs) for one in given
        )
        position = Position(number, max(stream.position, stream.given))
        if alerts or position != self._told:
            self._told = position
            self._batches.append(Batch(alerts, position))


def replay(
    settings: Settings, topics: Collection[str] = (), after: int = 0, patience: float | None = 60.0
) -> Iterator[Alert]:
    """Everything granted in the log after an offset, once and in order; ends with the last alert that there is, once the
    hub has signed for all of it. Raises as `Reader`."""
    with Reader(settings, topics, after=after, patience=patience) as reader:
        for batch in reader.backlog():
            yield from batch.alerts


__all__ = ["Batch", "BorderwireError", "Reader", "replay"]
