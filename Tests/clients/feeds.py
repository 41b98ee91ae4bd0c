"""Seeded feeds that lose, repeat and hold back, with replays that take their time: what the library's stream makes of them.
And messages that are none."""

import contextlib
import random

import library
from borderwire import alert, chains, errors, frames, keys, stream

NAMES = ["kh.a.suspect.", "kh.b.suspect.", "kh.b.movement.", "kh.c.later."]  # the last one of a kind that is not known
LOG = 7
ALERTS = 80


def record(offset, deliveries):
    return frames.Record(offset, 0, deliveries, b"h", b"p", b"s")


class Feed:
    """A hub's log and its feed, as far as a stream sees them."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.wanted = self.dice.choice([[], NAMES[:1], NAMES[:2], NAMES[1:3]])
        self.log, self.sequences = [], {}
        self.messages = []  # on their way
        self.replay = None  # asked for, and not answered
        self.got = []
        self.stream = stream.FeedStream(self.wanted, LOG, 0, 0, chains.TopicChains(True))
        self.stream.welcomed({"log": frames.hex16(LOG), "topics": self.topics()})

    def topics(self):
        return [{"topic": NAMES[n - 1], "number": n, "sequence": s} for n, s in sorted(self.sequences.items())]

    def is_wanted(self, number):
        return not self.wanted or NAMES[number - 1] in self.wanted

    def publish(self):
        heads, deliveries = dict(self.sequences), []
        for number in self.dice.sample(range(1, 5), self.dice.choice([1, 1, 2])):
            self.sequences[number] = self.sequences.get(number, 0) + 1
            deliveries.append((number, self.sequences[number]))
        offset = len(self.log) + 1
        self.log.append(record(offset, deliveries))
        for place, (number, sequence) in enumerate(deliveries):
            copy = record(offset, [(number, sequence)] + deliveries[:place] + deliveries[place + 1 :])
            self.messages.append((NAMES[number - 1], frames.Delivery(LOG, number, sequence, heads, [copy])))

    def deliver(self):
        topic, delivery = self.messages.pop(0)
        if self.dice.random() < 0.8:
            self.got += self.stream.delivery(topic, delivery)

    def answer(self):
        after, self.replay = self.replay, None
        through = min(len(self.log), after + self.dice.choice([1, 3, 100]))
        found = [record(r.offset, [d for d in r.deliveries if self.is_wanted(d[0])]) for r in self.log[after:through]]
        found = [r for r in found if r.deliveries]
        numbers = {"after": after, "through": through, "head": len(self.log), "count": len(found)}
        self.got += self.stream.page(numbers | {"log": frames.hex16(LOG), "topics": self.topics()}, found)

    def beat(self):
        self.stream.heartbeat(frames.Heartbeat(LOG, len(self.log), 0, dict(self.sequences)))

    def ask(self):
        if self.stream.replay_after is not None:
            self.replay, self.stream.replay_after = self.stream.replay_after, None

    def run(self):
        for _ in range(300):
            self.ask()
            event = self.dice.random()
            if event < 0.4 and len(self.log) < ALERTS:
                self.publish()
            elif event < 0.75 and self.messages:
                self.deliver()
            elif event < 0.9 and self.replay is not None:
                self.answer()
            elif not self.messages:
                self.beat()
        # What is still on its way is lost: the heartbeat tells.
        self.messages.clear()
        self.beat()
        for _ in range(2 * ALERTS):
            self.ask()
            if self.replay is not None:
                self.answer()
        return [one.record.offset for one in self.got]

    def expected(self):
        known = [number for number in (1, 2, 3) if self.is_wanted(number)]
        return [r.offset for r in self.log if any(number in known for number, _ in r.deliveries)]


def exact():
    repairs = 0
    for seed in range(60):
        feed = Feed(seed)
        offsets = feed.run()
        library.check(offsets == feed.expected(), f"feed {seed}: gave {offsets}, not {feed.expected()}")
        position = feed.stream.position
        library.check(position == len(feed.log), f"feed {seed}: at {position} of {len(feed.log)}")
        repairs += feed.stream.repairs
    library.check(repairs > 100, f"feeds: only {repairs} losses to repair")


def garbage(messages):
    """Whatever a peer sends is decoded or refused as malformed; nothing else comes of it. messages: good and broken frames."""
    dice = random.Random(7)
    hubs = [keys.PublicKeys("hub", bytes(32), bytes(32))]

    def control(data):
        body = frames.decode_control([frames.PREAMBLE + bytes([frames.CONTROL]), b"page", data])[1]
        follower = stream.FeedStream([], LOG, 0, 0, chains.TopicChains(True))
        for work in (
            lambda: follower.welcomed(body),
            lambda: follower.page(body, []),
            lambda: chains.TopicChains(False).anchor(body, [bytes(32)]),
            lambda: frames.Checkpoint.of_body(body.get("checkpoint") or {}),
        ):
            with contextlib.suppress(errors.Malformed, errors.LogChanged):
                work()
        return []

    def records(data):
        return frames.Delivery.decode(data).records

    decoders = [control, records, frames.decode_page]
    others = [frames.PostHeader.decode, frames.Heartbeat.decode, frames.Checkpoint.decode]
    taken = 0
    for _ in range(20_000):
        data = bytearray(dice.choice(messages))
        for _ in range(dice.randint(0, 3)):
            place = dice.randrange(len(data) + 1)
            if dice.random() < 0.5:
                data[place : place + 1] = bytes([dice.randrange(256)])
            else:
                data[place : place + dice.randint(0, 9)] = dice.choice([b"", b"\xff" * 9, bytes(3), b"\x80" * 10])
        for decode in decoders + others:
            with contextlib.suppress(errors.Malformed):
                found = decode(bytes(data))
                taken += 1
                for one in found if decode in decoders else []:
                    alert.read_alert(one, LOG, NAMES[0], 1, keys.Keyring([]), hubs)
    library.check(taken > 1_000, f"garbage: only {taken} messages were any good")
