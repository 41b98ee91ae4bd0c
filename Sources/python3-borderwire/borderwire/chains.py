"""What a reader can prove of the hub's log: chains of topics, and the root that the hub signs (PROTOCOL.md, "Chains")."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

from .errors import LogChanged, Malformed
from .frames import MOST_TOPIC, Body, Checkpoint, Record, integer, is_known_topic
from .seals import digest

LOG_PREFIX = b"borderwire log v2\n"
TOPIC_PREFIX = b"borderwire topic v2\n"
MOST_NODES = 65_536  # of a proof

Mark = tuple[int, bytes]  # a topic's sequence, and its chain after it


def log_hash(previous: bytes, record: Record) -> bytes:
    """The log's hash after a record, whose deliveries must be all that it has. Before the first one: 32 bytes of 0."""
    numbers = b"".join(struct.pack(">QQ", *delivery) for delivery in record.deliveries)
    return digest(LOG_PREFIX, previous, record.body, numbers)


def topic_origin(topic: str) -> bytes:
    return digest(TOPIC_PREFIX, topic.encode())


def topic_chain(previous: bytes, sequence: int, body: bytes) -> bytes:
    return digest(TOPIC_PREFIX, previous, struct.pack(">Q", sequence), body)


def topics_root(count: int, marks: Mapping[int, Mark], proof: Iterable[bytes]) -> bytes:
    """The root over the chains of all `count` topics, from the marks of some of them and what a proof adds."""
    if any(not 1 <= number <= count for number in marks):
        raise Malformed("a topic that is not in the tree")
    known = {n - 1: digest(b"\0", struct.pack(">IQ", n, mark[0]), mark[1]) for n, mark in marks.items()}
    width, nodes = count, list(proof)
    while width > 1 and known:
        above: dict[int, bytes] = {}
        for index in sorted(known):
            if index // 2 in above:
                continue
            sibling = index ^ 1
            if sibling >= width:
                above[index // 2] = known[index]
                continue
            if sibling not in known and not nodes:
                raise Malformed("proof")
            other = known[sibling] if sibling in known else nodes.pop(0)
            pair = (known[index], other) if index % 2 == 0 else (other, known[index])
            above[index // 2] = digest(b"\1", *pair)
        known, width = above, (width + 1) // 2
    if nodes:
        raise Malformed("proof")
    return digest(b"\2", struct.pack(">I", count), known.get(0, b""))


class TopicChains:
    """The chains of the topics that are read, as recomputed from what was read. A value: no sockets, no clock."""

    def __init__(self, is_known_from_start: bool) -> None:
        # None: not known where they stand, until the hub has said so for an offset.
        self.marks: dict[int, Mark] | None = {} if is_known_from_start else None

    def link(self, record: Record, wanted: Mapping[int, str]) -> None:
        """Takes an alert in, on its topics among the wanted ones (names by number). Raises LogChanged for a hole."""
        if self.marks is None:
            return
        for number, sequence in record.deliveries:
            if number not in wanted:
                continue
            before, chain = self.marks.get(number, (0, topic_origin(wanted[number])))
            if sequence != before + 1:
                what = f"the hub's log, offset {record.offset}"
                cause = f"it is number {sequence} of {wanted[number]}, after number {before}: something between was taken out"
                raise LogChanged("read", what, cause, "tell the hub's operator, and keep what you have")
            self.marks[number] = sequence, topic_chain(chain, sequence, record.body)

    def anchor(self, reply: Body, keys: Sequence[bytes]) -> Checkpoint:
        """Where the chains stand at an offset, as the hub says, if that leads to the root that it signs there."""
        checkpoint, named = _signed(reply, keys)
        if self.marks is None:
            self.marks = named
        return checkpoint

    def vouched(self, reply: Body, keys: Sequence[bytes], marks: Mapping[int, Mark]) -> Checkpoint:
        """Holds the hub's signed word for an offset against the chains, which were `marks` there.

        Raises LogChanged if what was read is not what the hub signs.
        """
        checkpoint, named = _signed(reply, keys)
        if named != marks:
            raise _not_signed(checkpoint, "what was read is not what the hub has signed")
        return checkpoint


def _signed(reply: Body, keys: Sequence[bytes]) -> tuple[Checkpoint, dict[int, Mark]]:
    """The checkpoint, and the marks of the topics of known kinds; those of others only lead to the root."""
    checkpoint = Checkpoint.of_body(reply.get("checkpoint") or {})
    named, known = _marks(reply)
    proof = [_bytes32(node) for node in _list(reply, "proof")]
    count = integer(reply, "count", 0, MOST_TOPIC)
    if not any(checkpoint.is_signed(key) for key in keys):
        raise _not_signed(checkpoint, "no key of a hub that is known here has signed it")
    if named and topics_root(count, named, proof) != checkpoint.root:
        raise _not_signed(checkpoint, "the chains that it names don't lead to what the hub has signed")
    return checkpoint, {number: named[number] for number in known}


def _not_signed(checkpoint: Checkpoint, cause: str) -> LogChanged:
    remedy = "is the hub's .pub file the right one? Else keep what you have, and tell its operator"
    return LogChanged("verify", f"the hub's checkpoint of offset {checkpoint.offset}", cause, remedy)


def _marks(reply: Body) -> tuple[dict[int, Mark], list[int]]:
    """By topic number; and the numbers of topics whose kind is known here."""
    marks: dict[int, Mark] = {}
    known = []
    for entry in _list(reply, "topics"):
        if not isinstance(entry, dict) or not isinstance(entry.get("topic"), str):
            raise Malformed("topics")
        number = integer(entry, "number", 1, MOST_TOPIC)
        marks[number] = integer(entry, "sequence", 1), _bytes32(entry.get("chain"))
        if is_known_topic(entry["topic"]):
            known.append(number)
    return marks, known


def _list(reply: Body, name: str) -> list[object]:
    value = reply.get(name)
    if not isinstance(value, list) or len(value) > MOST_NODES:
        raise Malformed(name)
    return value


def _bytes32(text: object) -> bytes:
    try:
        if isinstance(text, str) and len(text) == 64:
            return bytes.fromhex(text)
    except ValueError:
        pass
    raise Malformed("not 64 hexadecimal digits")
