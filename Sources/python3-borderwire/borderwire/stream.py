"""The exact stream: what arrives goes in, the alerts to give out come out, each once and in order, none missing.

A value, without sockets and clock (PROTOCOL.md, "Reading a feed"). `Reader` feeds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .chains import TopicChains
from .errors import LogChanged, Malformed
from .frames import Body, Delivery, Heartbeat, Record, integer, is_known_topic, number_of, topic_list

MOST_HELD = 20_000  # alerts that wait for a replay; what is not held shows as a hole later


@dataclass(frozen=True)
class Given:
    """An alert that is to be given out, under the first of its wanted topics."""

    record: Record
    topic: str
    sequence: int


class FeedStream:
    """wanted: names of topics; empty: everything that may be read.

    position: everything wanted up to here has been given out. replay_after: not None asks for a replay after this offset;
    whoever asks the hub for it sets it to None. live: whether what the feed brings is given out at once.
    """

    def __init__(self, wanted: Collection[str], log: int | None, position: int, given: int, chains: TopicChains) -> None:
        """position: where reading begins; up to `given`, not below it, alerts are only linked into the chains."""
        self.wanted = frozenset(wanted)
        self.log = log
        self.position = position
        self.given = given
        self.chains = chains
        self.live = False
        self.replay_after: int | None = None
        self.repairs = 0
        self._names: dict[int, str] = {}
        self._wanted_names: dict[int, str] = {}
        self._seen: dict[int, int] = {}  # last sequence by topic number
        self._held: list[tuple[str, dict[int, int], Record]] = []

    def welcomed(self, welcome: Body) -> None:
        self._check_log(number_of(welcome.get("log")))
        self._learn(topic_list(welcome))
        self._catch_up()

    def page(self, page: Body, records: list[Record]) -> list[Given]:
        """A page that answers the last replay asked for."""
        self._check_log(number_of(page.get("log")))
        topics = topic_list(page)
        self._learn(topics)
        after, through, head = (integer(page, name) for name in ("after", "through", "head"))
        if head < after:
            raise LogChanged("replay", f"after offset {after}", f"the hub's log ends at {head}", _LOST)
        if len(records) != integer(page, "count") or through < after:
            raise Malformed("page")
        out: list[Given] = []
        for record in records:
            if record.offset > self.position:
                self._take(record, out)
        self.position = max(self.position, through)
        if through < head:
            self._catch_up()
            return out
        self._seen = {number: sequence for _, number, sequence in topics}
        self.live = True
        held, self._held = self._held, []
        for topic, heads, record in held:
            self._alert(topic, heads, record, out)
        return out

    def delivery(self, topic: str, delivery: Delivery) -> list[Given]:
        out: list[Given] = []
        if delivery.log != self.log or not self._is_wanted(topic):
            return out
        self._learn([(topic, delivery.topic_number, 0)])
        for record in delivery.records:
            self._alert(topic, delivery.heads, record, out)
        return out

    def heartbeat(self, heartbeat: Heartbeat) -> None:
        if not self.live or heartbeat.log != self.log:
            return
        if self._is_complete(heartbeat.heads, None):
            self.position = max(self.position, heartbeat.offset)
        else:
            self._repair()

    def lost(self) -> None:
        """A message of the feed could not be read."""
        if self.live:
            self._repair()

    def _alert(self, topic: str, heads: dict[int, int], record: Record, out: list[Given]) -> None:
        """One alert of a delivery. The heads are those before the delivery's first: its own topic's say nothing here."""
        number, sequence = record.deliveries[0]
        if not self.live:
            self._hold(topic, heads, record)
        elif record.offset <= self.position:
            self._seen[number] = max(self._seen.get(number, 0), sequence)
        elif (
            self._is_complete(heads, number)
            and self._seen.get(number, 0) + 1 == sequence
            and all(other in self._names for other, _ in record.deliveries)
        ):
            self._seen.update((n, s) for n, s in record.deliveries if n in self._wanted_names)
            self._take(record, out)
            self.position = record.offset
        else:
            self._hold(topic, heads, record)
            self._repair()

    def _take(self, record: Record, out: list[Given]) -> None:
        self.chains.link(record, self._wanted_names)
        for number, sequence in record.deliveries:
            if number in self._wanted_names:
                if record.offset > self.given:
                    out.append(Given(record, self._wanted_names[number], sequence))
                return

    def _hold(self, topic: str, heads: dict[int, int], record: Record) -> None:
        if len(self._held) < MOST_HELD:
            self._held.append((topic, heads, record))

    def _is_complete(self, heads: dict[int, int], own: int | None) -> bool:
        return all(
            number in self._names and (number not in self._wanted_names or self._seen.get(number, 0) >= head)
            for number, head in heads.items()
            if number != own
        )

    def _is_wanted(self, topic: str) -> bool:
        # Of a kind that is not known here nothing counts as missing.
        return is_known_topic(topic) and (not self.wanted or topic in self.wanted)

    def _learn(self, topics: Iterable[tuple[str, int, int]]) -> None:
        for name, number, _ in topics:
            if self._names.setdefault(number, name) != name:
                cause = f"topic {number} was {self._names[number]}, and is {name}"
                raise LogChanged("read", "the hub's log", cause, "tell the hub's operator")
            if self._is_wanted(name):
                self._wanted_names[number] = name

    def _check_log(self, log: int) -> None:
        if self.log not in (None, log):
            raise LogChanged("read", "the hub's log", "it is another log than the one read so far", _LOST)
        self.log = log

    def _repair(self) -> None:
        self.repairs += 1
        self._catch_up()

    def _catch_up(self) -> None:
        self.live = False
        self.replay_after = self.position


_LOST = "its offsets mean nothing here any more: ask the hub's operator, then begin anew with another cursor"
