"""Borderwire's frames, version 2, as Sources/Wire/PROTOCOL.md lays them out. The section names there are the names here."""

import hashlib
import json
import os
import struct
import tomllib
from dataclasses import dataclass

import zmq
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

PREAMBLE = b"BW\x02"
ALERT, DELIVERY, HEARTBEAT, CHECKPOINT, CONTROL = 0x01, 0x02, 0x03, 0x04, 0x10
MOST = 2**63 - 1
MOST_TOPIC = 2**32 - 1
HEARTBEAT_TOPIC = b"heartbeat."
RUN_PREFIX = b"borderwire run v2\n"
CHECKPOINT_PREFIX = b"borderwire checkpoint v2\n"
RECORD_PREFIX = b"borderwire record v2\n"
LOG_PREFIX = b"borderwire log v2\n"
TOPIC_PREFIX = b"borderwire topic v2\n"
KINDS = {"suspect": 1, "movement": 2, "sighting": 3}
MESSAGE_TYPES = {"Alert": 1, "Update": 2, "Cancel": 3, "Ack": 4}
STATUSES = {"Actual": 1, "Exercise": 2, "Test": 3}
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
            if preamble[2] != 2:
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

    def piece(self):
        """A post header, a payload or a seal, after its length."""
        return self.take(self.leb128(0, LARGEST_PIECE))

    def deliveries(self, least):
        """Pairs of topic number and topic sequence."""
        count = self.leb128(least, len(self.data))
        return [(self.leb128(1, MOST_TOPIC), self.leb128(1)) for _ in range(count)]

    def coding(self):
        if self.take(1) != b"\0":
            raise Malformed("another coding")

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
    expires: int
    kind: int
    message_type: int
    status: int
    id: bytes
    references: list
    additions: bytes = b""

    def encode(self):
        name = self.post.encode()
        codes = (self.kind, self.message_type, self.status)
        numbers = struct.pack(">QQqqBBB", self.epoch, self.sequence, self.queued, self.expires, *codes)
        references = bytes([len(self.references)]) + b"".join(self.references)
        tail = bytes([len(name)]) + name + references + bytes([len(self.additions)]) + self.additions
        return PREAMBLE + bytes([ALERT]) + numbers + self.id + tail

    @classmethod
    def decode(cls, data):
        frame = Bytes(data, ALERT)
        numbers = [frame.number(8, 1), frame.number(8, 1), frame.time(), frame.time()]
        numbers += [frame.number(1, 1, 255) for _ in range(3)]
        alert = frame.take(16)
        name = frame.take(frame.number(1, 1, 40))
        if set(name) - set(b"abcdefghijklmnopqrstuvwxyz0123456789-"):
            raise Malformed("post name")
        references = [frame.take(16) for _ in range(frame.number(1, 0, 32))]
        header = cls(name.decode(), *numbers, alert, references, frame.take(frame.number(1, 0, 255)))
        frame.end()
        return header


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
    root: bytes
    signed: bytes
    signature: bytes

    @classmethod
    def decode(cls, data):
        frame = Bytes(data, CHECKPOINT)
        log, offset, time = frame.number(8, 1), frame.number(8, 0), frame.time()
        checkpoint = cls(log, offset, time, frame.take(32), frame.take(32), data[:92], frame.take(64))
        frame.end()
        return checkpoint

    @classmethod
    def of_body(cls, body):
        """The same from a body on control."""
        log, hash, root = (bytes.fromhex(body[name]) for name in ("log", "hash", "root"))
        numbers = struct.pack(">Qq", body["offset"], body["time"])
        frame = PREAMBLE + bytes([CHECKPOINT]) + log + numbers + hash + root
        return cls.decode(frame + bytes.fromhex(body["signature"]))

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
    erased: bytes = None  # the digest of a payload that was erased

    @property
    def digest(self):
        return self.erased or digest(self.payload)

    @property
    def body(self):
        """What its chains have in common."""
        numbers = struct.pack(">Qq", self.offset, self.received)
        return digest(RECORD_PREFIX, numbers, self.digest, self.header, self.seal)


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
        frame.coding()
        log, number, first, heads = frame.number(8, 1), frame.number(4, 1), frame.number(8, 1), frame.heads()
        records = []
        while frame.at < len(data) or not records:
            offset, received = frame.number(8, records[-1].offset + 1 if records else 1), frame.time()
            sequence = within(first + len(records), 1, MOST)
            deliveries = [(number, sequence)] + frame.deliveries(0)
            records.append(Record(offset, received, deliveries, frame.piece(), frame.piece(), frame.piece()))
        return cls(log, number, first, heads, records)


def decode_page(data):
    frame, records = Bytes(data), []
    frame.coding()
    while frame.at < len(data):
        offset, received = frame.number(8, records[-1].offset + 1 if records else 1), frame.time()
        deliveries, header, payload = frame.deliveries(1), frame.piece(), frame.piece()
        erased = None if payload else frame.take(32)
        records.append(Record(offset, received, deliveries, header, payload, frame.piece(), erased))
    return records


def encode_control(verb, **body):
    return [PREAMBLE + bytes([CONTROL]), verb.encode(), json.dumps(body).encode()]


def decode_control(frames):
    """Verb, body, and the frame of records (empty if there is none)."""
    if len(frames) < 3:
        raise Malformed("too few frames")
    Bytes(frames[0], CONTROL).end()
    body = json.loads(frames[2], parse_float=not_whole, object_pairs_hook=members)
    return frames[1].decode("ascii"), body, frames[3] if len(frames) > 3 else b""


def not_whole(text):
    raise Malformed(f"{len(text)} bytes of a number with a fraction or an exponent")


def members(pairs):
    if len(dict(pairs)) < len(pairs):
        raise Malformed("a member is repeated")
    return dict(pairs)


def hex16(number):
    """A log or an epoch in a body."""
    return f"{number:016x}"


def new_epoch():
    return int.from_bytes(os.urandom(8), "big") % MOST + 1


def digest(*pieces):
    return hashlib.blake2b(b"".join(pieces), digest_size=32).digest()


def seal(seed, alerts):
    """Signs up to 16 alerts, given as (post header, payload), with one signature. One seal for each."""
    levels = [[digest(b"\0", header, digest(payload)) for header, payload in alerts]]
    while len(levels[-1]) > 1:
        pairs = [levels[-1][at : at + 2] for at in range(0, len(levels[-1]), 2)]
        levels.append([digest(b"\1", *pair) if len(pair) == 2 else pair[0] for pair in pairs])
    count = bytes([len(alerts)])
    signature = SigningKey(seed).sign(RUN_PREFIX + count + levels[-1][0]).signature
    seals = []
    for index in range(len(alerts)):
        siblings = [level[index >> depth ^ 1 :][:1] for depth, level in enumerate(levels[:-1])]
        seals.append(bytes([index]) + count + signature + b"".join(node for one in siblings for node in one))
    return seals


def is_sealed(key, header, payload_digest, seal):
    """Whether the owner of the key signed exactly this alert, whose payload may have been erased since."""
    try:
        frame, node = Bytes(seal), digest(b"\0", header, payload_digest)
        place, count = frame.number(1, 0), frame.number(1, 1, LONGEST_RUN)
        width, signature = within(count, place + 1, LONGEST_RUN), frame.take(64)
        while width > 1:
            if place ^ 1 < width:
                sibling = frame.take(32)
                node = digest(b"\1", sibling, node) if place % 2 else digest(b"\1", node, sibling)
            place, width = place // 2, (width + 1) // 2
        frame.end()
        VerifyKey(key).verify(RUN_PREFIX + bytes([count]) + node, signature)
        return True
    except (Malformed, BadSignatureError, ValueError):
        return False


def log_hash(previous, record):
    """The log's hash after a record, whose deliveries must be all that it has."""
    numbers = b"".join(struct.pack(">QQ", *delivery) for delivery in record.deliveries)
    return digest(LOG_PREFIX, previous, record.body, numbers)


def topic_origin(topic):
    return digest(TOPIC_PREFIX, topic.encode())


def topic_chain(previous, sequence, body):
    return digest(TOPIC_PREFIX, previous, struct.pack(">Q", sequence), body)


def topic_leaf(number, sequence, chain):
    return digest(b"\0", struct.pack(">IQ", number, sequence), chain)


def topics_root(count, leaves, proof):
    """The root over the chains of all topics, from the leaves of some of them, by topic number."""
    known, width, proof = {number - 1: leaf for number, leaf in leaves.items()}, count, list(proof)
    while width > 1:
        above = {}
        for index in sorted(known):
            sibling = index ^ 1
            if index // 2 in above:
                continue
            if sibling >= width:
                above[index // 2] = known[index]
                continue
            pair = known[index], known[sibling] if sibling in known else proof.pop(0)
            above[index // 2] = digest(b"\1", *(pair if index % 2 == 0 else reversed(pair)))
        known, width = above, (width + 1) // 2
    if proof:
        raise Malformed("proof")
    return digest(b"\2", struct.pack(">I", count), known.get(0, b""))


def topics_proof(leaves, topics):
    """What leads from some topics to the root; the leaves are those of all topics, in the order of their numbers."""
    level, known, proof = leaves, {number - 1 for number in topics}, []
    while len(level) > 1:
        proof += [level[i ^ 1] for i in sorted(known) if i ^ 1 < len(level) and i ^ 1 not in known]
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [digest(b"\1", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
        known = {index // 2 for index in known}
    return proof


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
