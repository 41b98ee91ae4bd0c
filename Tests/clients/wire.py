"""Borderwire's frames, version 1, as Sources/Wire/PROTOCOL.md lays them out. The section names there are the names here."""

import hashlib
import json
import os
import struct
import tomllib
from dataclasses import dataclass

import zmq
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

PREAMBLE = b"BW\x01"
ALERT, DELIVERY, HEARTBEAT, CHECKPOINT, CONTROL = 0x01, 0x02, 0x03, 0x04, 0x10
MOST = 2**63 - 1
MOST_TOPIC = 2**32 - 1
HEARTBEAT_TOPIC = b"heartbeat."
SIGNED_PREFIX = b"borderwire alert v1\n"
RUN_PREFIX = b"borderwire run v1\n"
CHECKPOINT_PREFIX = b"borderwire checkpoint v1\n"
LONGEST_RUN = 16
LARGEST_PIECE = 70_000


class Malformed(Exception):
    """Bytes that are not what the protocol says."""


class Bytes:
    """Reads a frame from its beginning."""

    def __init__(self, data, kind=None):
        self.data, self.at = data, 0
        if kind is not None:
            preamble = self.take(4)
            if preamble[:2] != b"BW":
                raise Malformed("no preamble")
            if preamble[2] != 1:
                raise Malformed("another version")
            if preamble[3] != kind:
                raise Malformed("another type")

    def take(self, count):
        piece = self.data[self.at : self.at + count]
        if len(piece) < count:
            raise Malformed("cut short")
        self.at += count
        return piece

    def number(self, size, least, most=MOST):
        return within(int.from_bytes(self.take(size), "big"), least, most)

    def time(self):
        return int.from_bytes(self.take(8), "big", signed=True)

    def leb128(self, least=0, most=MOST):
        value = 0
        for index in range(10):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                if value >= 2**64 or (byte == 0 and index > 0):
                    raise Malformed("LEB128")
                return within(value, least, most)
        raise Malformed("LEB128")

    def heads(self):
        """The last sequence of each topic, by topic number."""
        heads, topic = {}, 0
        for _ in range(self.leb128(0, 2**64)):
            topic = within(topic + self.leb128(1, MOST_TOPIC), 1, MOST_TOPIC)
            heads[topic] = self.leb128(1)
        return heads

    def pieces(self):
        """Post header, payload and seal, each after its length."""
        return [self.take(self.leb128(0, LARGEST_PIECE)) for _ in range(3)]

    def end(self):
        if self.at < len(self.data):
            raise Malformed("bytes after the end")


def within(value, least, most):
    if not least <= value <= most:
        raise Malformed(f"{value} is out of range")
    return value


@dataclass
class PostHeader:
    post: str
    epoch: int
    sequence: int
    queued: int

    def encode(self):
        name = self.post.encode()
        fixed = struct.pack(">QQqB", self.epoch, self.sequence, self.queued, len(name))
        return PREAMBLE + bytes([ALERT]) + fixed + name

    @classmethod
    def decode(cls, data):
        frame = Bytes(data, ALERT)
        epoch, sequence, queued = frame.number(8, 1), frame.number(8, 1), frame.time()
        name = frame.take(frame.number(1, 1, 40))
        if set(name) - set(b"abcdefghijklmnopqrstuvwxyz0123456789-"):
            raise Malformed("post name")
        frame.end()
        return cls(name.decode(), epoch, sequence, queued)


@dataclass
class Heartbeat:
    log: int
    offset: int
    sent: int
    heads: dict

    @classmethod
    def decode(cls, data):
        frame = Bytes(data, HEARTBEAT)
        heartbeat = cls(frame.number(8, 1), frame.number(8, 0), frame.time(), frame.heads())
        frame.end()
        return heartbeat


@dataclass
class Checkpoint:
    log: int
    offset: int
    time: int
    hash: bytes
    signed: bytes
    signature: bytes

    @classmethod
    def decode(cls, data):
        frame = Bytes(data, CHECKPOINT)
        log, offset, time, digest = frame.number(8, 1), frame.number(8, 0), frame.time(), frame.take(32)
        checkpoint = cls(log, offset, time, digest, data[:60], frame.take(64))
        frame.end()
        return checkpoint

    def is_signed(self, key):
        try:
            VerifyKey(key).verify(CHECKPOINT_PREFIX + self.signed, self.signature)
            return True
        except BadSignatureError:
            return False


@dataclass
class Record:
    offset: int
    received: int
    deliveries: list  # of (topic number, topic sequence)
    header: bytes
    payload: bytes
    seal: bytes


@dataclass
class Delivery:
    log: int
    topic_number: int
    first_sequence: int
    heads: dict
    records: list

    @classmethod
    def decode(cls, data):
        frame = Bytes(data, DELIVERY)
        log, number, first, heads = frame.number(8, 1), frame.number(4, 1), frame.number(8, 1), frame.heads()
        records = []
        while frame.at < len(data) or not records:
            offset, received = frame.number(8, records[-1].offset + 1 if records else 1), frame.time()
            sequence = within(first + len(records), 1, MOST)
            records.append(Record(offset, received, [(number, sequence)], *frame.pieces()))
        return cls(log, number, first, heads, records)


def decode_page(data):
    frame, records = Bytes(data), []
    while frame.at < len(data):
        offset, received = frame.number(8, records[-1].offset + 1 if records else 1), frame.time()
        deliveries = [(frame.leb128(1, MOST_TOPIC), frame.leb128(1)) for _ in range(frame.leb128(1, len(data)))]
        records.append(Record(offset, received, deliveries, *frame.pieces()))
    return records


def encode_control(verb, **body):
    return [PREAMBLE + bytes([CONTROL]), verb.encode(), json.dumps(body).encode()]


def decode_control(frames):
    """Verb, body, and the frame of records (empty if there is none)."""
    if len(frames) < 3:
        raise Malformed("too few frames")
    Bytes(frames[0], CONTROL).end()
    return frames[1].decode("ascii"), json.loads(frames[2]), frames[3] if len(frames) > 3 else b""


def hex16(number):
    """A log or an epoch in a body."""
    return f"{number:016x}"


def new_epoch():
    return int.from_bytes(os.urandom(8), "big") % MOST + 1


def digest(*pieces):
    return hashlib.blake2b(b"".join(pieces), digest_size=32).digest()


def seal(seed, alerts):
    """Signs up to 16 alerts, given as (post header, payload), with one signature. One seal for each."""
    key = SigningKey(seed)
    messages = [SIGNED_PREFIX + header + payload for header, payload in alerts]
    if len(messages) == 1:
        return [key.sign(messages[0]).signature]
    levels = [[digest(b"\0", message) for message in messages]]
    while len(levels[-1]) > 1:
        pairs = [levels[-1][at : at + 2] for at in range(0, len(levels[-1]), 2)]
        levels.append([digest(b"\1", *pair) if len(pair) == 2 else pair[0] for pair in pairs])
    count = bytes([len(messages)])
    signature = key.sign(RUN_PREFIX + count + levels[-1][0]).signature
    seals = []
    for index in range(len(messages)):
        siblings = [level[index >> depth ^ 1 :][:1] for depth, level in enumerate(levels[:-1])]
        seals.append(bytes([index]) + count + signature + b"".join(node for one in siblings for node in one))
    return seals


def is_sealed(key, header, payload, seal):
    """Whether the owner of the key signed exactly this alert."""
    message = SIGNED_PREFIX + header + payload
    try:
        signature = seal
        if len(seal) != 64:
            frame, node = Bytes(seal), digest(b"\0", message)
            place, count = frame.number(1, 0), frame.number(1, 2, LONGEST_RUN)
            width, signature = within(count, place + 1, LONGEST_RUN), frame.take(64)
            while width > 1:
                if place ^ 1 < width:
                    sibling = frame.take(32)
                    node = digest(b"\1", sibling, node) if place % 2 else digest(b"\1", node, sibling)
                place, width = place // 2, (width + 1) // 2
            frame.end()
            message = RUN_PREFIX + bytes([count]) + node
        VerifyKey(key).verify(message, signature)
        return True
    except (Malformed, BadSignatureError, ValueError):
        return False


def read_keys(path):
    """The members of a .pub or .key file, keys as bytes."""
    with open(path, "rb") as file:
        return {name: text if name == "name" else bytes.fromhex(text) for name, text in tomllib.load(file).items()}


class Link:
    """A peer's sockets, with CURVE, and its requests on control."""

    def __init__(self, host, control_port, keys, hub):
        self.context, self.host, self.keys, self.hub = zmq.Context(), host, keys, hub
        self.control = self.connect(zmq.DEALER, control_port)
        self.request = 0

    def connect(self, kind, port, options=()):
        socket = self.context.socket(kind)
        socket.linger, socket.heartbeat_ivl = 0, 5_000
        socket.curve_serverkey = self.hub["curve_public"]
        socket.curve_publickey, socket.curve_secretkey = self.keys["curve_public"], self.keys["curve_secret"]
        for name, value in options:
            socket.set(name, value)
        socket.connect(f"tcp://{self.host}:{port}")
        return socket

    def ask(self, verb, **body):
        """Sends a request; its reply comes on `control` and has the number that this returns."""
        self.request += 1
        self.control.send_multipart(encode_control(verb, request=self.request, **body))
        return self.request

    def close(self):
        self.context.destroy(linger=0)
