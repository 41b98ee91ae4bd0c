"""The protocol's bytes, version 2, as PROTOCOL.md lays them out: the section names there are the names here.

Whatever a peer sends is either decoded or refused with `Malformed`. For connector writers only; `Reader` and `Post` use it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from .errors import Malformed
from .seals import digest

PREAMBLE = b"BW\x02"
HEADER, DELIVERY, HEARTBEAT, CHECKPOINT, CONTROL = 0x01, 0x02, 0x03, 0x04, 0x10
MOST = 2**63 - 1
MOST_TOPIC = 2**32 - 1
HEARTBEAT_TOPIC = b"heartbeat."
LARGEST_PIECE = 70_000
LARGEST_REFERENCES = 32
CHECKPOINT_PREFIX = b"borderwire checkpoint v2\n"
RECORD_PREFIX = b"borderwire record v2\n"

KINDS = {"suspect": 1, "movement": 2, "sighting": 3}
MESSAGE_TYPES = {"Alert": 1, "Update": 2, "Cancel": 3, "Ack": 4}
WITHDRAWAL, ERASURE = 5, 6
STATUSES = {"Actual": 1, "Exercise": 2, "Test": 3}
RESOLUTION_SAFE = b"\x01\x01\x01"

Body = dict[str, Any]


class Bytes:
    """Reads a frame from its beginning. All of it raises Malformed."""

    def __init__(self, data: bytes, kind: int | None = None) -> None:
        self.data, self.at = data, 0
        if kind is not None:
            preamble = self.take(4)
            if preamble[:2] != PREAMBLE[:2]:
                raise Malformed("no preamble")
            if preamble[2] != PREAMBLE[2]:
                raise Malformed("another version")
            if preamble[3] != kind:
                raise Malformed("another type")

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) < count:
            raise Malformed("cut short")
        self.at += count
        return piece

    def number(self, size: int, least: int, most: int = MOST) -> int:
        return within(int.from_bytes(self.take(size), "big"), least, most)

    def time(self) -> int:
        return int.from_bytes(self.take(8), "big", signed=True)

    def leb128(self, least: int = 0, most: int = MOST) -> int:
        value = 0
        for index in range(10):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                if value >= 2**64 or (byte == 0 and index > 0):
                    raise Malformed("LEB128")
                return within(value, least, most)
        raise Malformed("LEB128")

    def heads(self) -> dict[int, int]:
        """The last sequence of each topic, by topic number."""
        heads: dict[int, int] = {}
        topic = 0
        for _ in range(self.leb128(0, 2**64)):
            topic = within(topic + self.leb128(1, MOST_TOPIC), 1, MOST_TOPIC)
            heads[topic] = self.leb128(1)
        return heads

    def piece(self) -> bytes:
        """A post header, a payload or a seal, after its length."""
        return self.take(self.leb128(0, LARGEST_PIECE))

    def deliveries(self, least: int) -> list[tuple[int, int]]:
        """Pairs of topic number and topic sequence."""
        count = self.leb128(least, len(self.data))
        return [(self.leb128(1, MOST_TOPIC), self.leb128(1)) for _ in range(count)]

    def coding(self) -> None:
        if self.take(1) != b"\0":
            raise Malformed("another coding")

    def end(self) -> None:
        if self.at < len(self.data):
            raise Malformed("bytes after the end")


def within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise Malformed(f"{value} is out of range")
    return value


@dataclass
class PostHeader:
    """Which alert of its author this is, and what stays of it when its content is erased. Times are in ms since 1970."""

    post: str
    epoch: int
    sequence: int
    queued: int
    expires: int
    kind: int
    message_type: int
    status: int
    id: bytes
    references: list[bytes]
    additions: bytes = b""

    def encode(self) -> bytes:
        name = self.post.encode()
        codes = (self.kind, self.message_type, self.status)
        numbers = struct.pack(">QQqqBBB", self.epoch, self.sequence, self.queued, self.expires, *codes)
        references = bytes([len(self.references)]) + b"".join(self.references)
        tail = bytes([len(name)]) + name + references + bytes([len(self.additions)]) + self.additions
        return PREAMBLE + bytes([HEADER]) + numbers + self.id + tail

    @classmethod
    def decode(cls, data: bytes) -> PostHeader:
        frame = Bytes(data, HEADER)
        epoch, sequence, queued, expires = frame.number(8, 1), frame.number(8, 1), frame.time(), frame.time()
        kind, message_type, status = (frame.number(1, 1, 255) for _ in range(3))
        alert = frame.take(16)
        name = frame.take(frame.number(1, 1, 40))
        if set(name) - set(b"abcdefghijklmnopqrstuvwxyz0123456789-"):
            raise Malformed("post name")
        references = [frame.take(16) for _ in range(frame.number(1, 0, LARGEST_REFERENCES))]
        additions = frame.take(frame.number(1, 0, 255))
        frame.end()
        return cls(
            name.decode(), epoch, sequence, queued, expires, kind, message_type, status, alert, references, additions
        )


@dataclass
class Heartbeat:
    log: int
    offset: int
    sent: int
    heads: dict[int, int]

    @classmethod
    def decode(cls, data: bytes) -> Heartbeat:
        frame = Bytes(data, HEARTBEAT)
        heartbeat = cls(frame.number(8, 1), frame.number(8, 0), frame.time(), frame.heads())
        frame.end()
        return heartbeat


@dataclass
class Checkpoint:
    """The hub's signed word for its log up to an offset."""

    log: int
    offset: int
    time: int
    hash: bytes
    root: bytes
    frame: bytes = field(repr=False)

    @classmethod
    def decode(cls, data: bytes) -> Checkpoint:
        frame = Bytes(data, CHECKPOINT)
        log, offset, time = frame.number(8, 1), frame.number(8, 0), frame.time()
        hash, root = frame.take(32), frame.take(32)
        frame.take(64)
        frame.end()
        return cls(log, offset, time, hash, root, data)

    @classmethod
    def of_body(cls, body: Body) -> Checkpoint:
        """The same from a body on control."""
        try:
            log, hash, root, signature = (bytes.fromhex(body[name]) for name in ("log", "hash", "root", "signature"))
            numbers = struct.pack(">Qq", body["offset"], body["time"])
        except (KeyError, TypeError, ValueError, struct.error) as error:
            raise Malformed("checkpoint") from error
        return cls.decode(PREAMBLE + bytes([CHECKPOINT]) + log + numbers + hash + root + signature)

    def is_signed(self, key: bytes) -> bool:
        try:
            VerifyKey(key).verify(CHECKPOINT_PREFIX + self.frame[:92], self.frame[92:])
            return True
        except (BadSignatureError, ValueError):
            return False


@dataclass
class Record:
    """One alert of a delivery or a page, as its post has sealed it. received: ms since 1970, by the hub's clock."""

    offset: int
    received: int
    deliveries: list[tuple[int, int]]  # of topic number and topic sequence
    header: bytes
    payload: bytes
    seal: bytes
    erased: bytes | None = None  # the digest of a payload that was erased

    @property
    def digest(self) -> bytes:
        return digest(self.payload) if self.erased is None else self.erased

    @property
    def body(self) -> bytes:
        """What its chains have in common."""
        numbers = struct.pack(">Qq", self.offset, self.received)
        return digest(RECORD_PREFIX, numbers, self.digest, self.header, self.seal)


@dataclass
class Delivery:
    log: int
    topic_number: int
    first_sequence: int
    heads: dict[int, int]
    records: list[Record]

    @classmethod
    def decode(cls, data: bytes) -> Delivery:
        frame = Bytes(data, DELIVERY)
        frame.coding()
        log, number, first, heads = frame.number(8, 1), frame.number(4, 1), frame.number(8, 1), frame.heads()
        records: list[Record] = []
        while frame.at < len(data) or not records:
            offset, received = frame.number(8, records[-1].offset + 1 if records else 1), frame.time()
            sequence = within(first + len(records), 1, MOST)
            deliveries = [(number, sequence)] + frame.deliveries(0)
            records.append(Record(offset, received, deliveries, frame.piece(), frame.piece(), frame.piece()))
        return cls(log, number, first, heads, records)


def decode_page(data: bytes) -> list[Record]:
    frame, records = Bytes(data), list[Record]()
    frame.coding()
    while frame.at < len(data):
        offset, received = frame.number(8, records[-1].offset + 1 if records else 1), frame.time()
        deliveries, header, payload = frame.deliveries(1), frame.piece(), frame.piece()
        erased = None if payload else frame.take(32)
        records.append(Record(offset, received, deliveries, header, payload, frame.piece(), erased))
    return records


def encode_control(verb: str, body: Body) -> list[bytes]:
    return [PREAMBLE + bytes([CONTROL]), verb.encode(), json.dumps(body).encode()]


def decode_control(frames: list[bytes]) -> tuple[str, Body, bytes]:
    """Verb, body, and the frame of records (empty if there is none)."""
    if len(frames) < 3:
        raise Malformed("too few frames")
    Bytes(frames[0], CONTROL).end()
    try:
        body = json.loads(frames[2], parse_float=_not_whole, parse_constant=_not_whole, object_pairs_hook=_members)
        verb = frames[1].decode("ascii")
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(body, dict):
        raise Malformed("not an object")
    return verb, body, frames[3] if len(frames) > 3 else b""


def _not_whole(text: str) -> Any:
    raise Malformed(f"{len(text)} bytes of a number with a fraction or an exponent")


def _members(pairs: Iterable[tuple[str, Any]]) -> Body:
    pairs = list(pairs)
    if len(dict(pairs)) < len(pairs):
        raise Malformed("a member is repeated")
    return dict(pairs)


def hex16(number: int) -> str:
    """A log or an epoch in a body."""
    return f"{number:016x}"


def number_of(text: Any) -> int:
    """The other way round."""
    try:
        if isinstance(text, str) and len(text) == 16:
            return within(int(text, 16), 1, MOST)
    except ValueError:
        pass
    raise Malformed("not 16 hexadecimal digits")


def integer(body: Body, name: str, least: int = 0, most: int = MOST) -> int:
    """A needed number of a body."""
    value = body.get(name)
    if type(value) is not int:
        raise Malformed(f"{name} is not a number")
    return within(value, least, most)


def is_known_topic(name: str) -> bool:
    """Whether it is `country.province.kind.` of a kind that is known here. There may be further kinds, which are passed over."""
    parts = name.split(".")
    return len(parts) == 4 and parts[3] == "" and parts[2] in KINDS


def topic_list(body: Body) -> list[tuple[str, int, int]]:
    """Name, number and last sequence of each."""
    topics = body.get("topics")
    if not isinstance(topics, list):
        raise Malformed("topics")
    found = []
    for entry in topics:
        if not isinstance(entry, dict) or not isinstance(entry.get("topic"), str):
            raise Malformed("topics")
        found.append((entry["topic"], integer(entry, "number", 1, MOST_TOPIC), integer(entry, "sequence")))
    return found
