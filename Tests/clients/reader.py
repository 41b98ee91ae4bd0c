#!/usr/bin/env python3
"""Prints an exact stream of alerts, one JSON object a line: each alert once, in the order of offsets, none missing.

Written from Sources/Wire/PROTOCOL.md alone; "Reading a feed" there says what happens here.
"""

import argparse
import json
import pathlib
import sys
import time

import zmq

import wire

PATIENCE = 5  # seconds without a page until it is asked for again
SILENCE = 5  # seconds without a heartbeat until the hub is greeted again


class Stream:
    """Takes what arrives, gives the alerts to print. `replay` is called with the offset to replay after."""

    def __init__(self, wanted, replay):
        self.wanted = wanted  # names of topics; empty: everything
        self.replay = replay
        self.position = None  # everything wanted up to here is printed
        self.log = None
        self.names = {}  # by topic number
        self.seen = {}  # last sequence by topic number
        self.held = []
        self.live = False
        self.repairs = 0
        self.chains = None  # by topic number: sequence and chain

    def is_wanted(self, topic):
        return not self.wanted or topic in self.wanted

    def learn(self, topics):
        self.names.update((entry["number"], entry["topic"]) for entry in topics)

    def check_log(self, log):
        if self.log not in (None, log):
            raise SystemExit("the hub has another log: its offsets mean nothing here")
        self.log = log

    def welcomed(self, welcome):
        self.check_log(int(welcome["log"], 16))
        self.learn(welcome["topics"])
        self.catch_up()

    def catch_up(self):
        self.live = False
        self.replay(self.position)

    def page(self, page, records):
        self.check_log(int(page["log"], 16))
        self.learn(page["topics"])
        if len(records) != page["count"]:
            raise wire.Malformed("page: count")
        if page["head"] < page["after"]:
            raise SystemExit("the hub's log has lost its end: its offsets mean something else now")
        for record in records:
            if record.offset > self.position:
                self.link_chains(record)
                number, sequence = next(d for d in record.deliveries if self.is_wanted(self.names[d[0]]))
                yield record.offset, self.names[number], sequence, record.received, record
        self.position = max(self.position, page["through"])
        if page["through"] < page["head"]:
            return self.catch_up()
        self.seen = {entry["number"]: entry["sequence"] for entry in page["topics"]}
        self.live = True
        held, self.held = self.held, []
        for alert in held:
            yield from self.alert(*alert)

    def delivery(self, topic, delivery):
        if delivery.log != self.log or not self.is_wanted(topic):
            return
        self.names[delivery.topic_number] = topic
        for record in delivery.records:
            yield from self.alert(topic, delivery.heads, record)

    def alert(self, topic, heads, record):
        """One alert of a delivery. The heads are those before the delivery's first: its own topic's say nothing here."""
        number, sequence = record.deliveries[0]
        others = [other for other, _ in record.deliveries[1:]]
        if not self.live:
            self.held.append((topic, heads, record))
        elif record.offset <= self.position:
            self.seen[number] = max(self.seen.get(number, 0), sequence)
        elif (
            self.is_complete(heads, number)
            and self.seen.get(number, 0) + 1 == sequence
            and all(other in self.names for other in others)
        ):
            self.link_chains(record)
            self.seen.update((n, s) for n, s in record.deliveries if self.is_wanted(self.names[n]))
            self.position = record.offset
            yield record.offset, topic, sequence, record.received, record
        else:
            self.held.append((topic, heads, record))
            self.repair()

    def heartbeat(self, heartbeat):
        if self.live and heartbeat.log == self.log:
            if self.is_complete(heartbeat.heads):
                self.position = max(self.position, heartbeat.offset)
            else:
                self.repair()

    def is_complete(self, heads, own=None):
        return all(
            number in self.names and (not self.is_wanted(self.names[number]) or self.seen.get(number, 0) >= head)
            for number, head in heads.items()
            if number != own
        )

    def link_chains(self, record):
        """Only from the log's beginning on: elsewhere it is not known where the chains stand."""
        for number, sequence in record.deliveries if self.chains is not None else ():
            if self.is_wanted(self.names[number]):
                before, chain = self.chains.get(number, (0, wire.topic_origin(self.names[number])))
                if sequence != before + 1:
                    raise SystemExit(f"topic {number} has sequence {sequence} after {before}")
                self.chains[number] = sequence, wire.topic_chain(chain, sequence, record.body)

    def vouched(self, answer, key):
        """The hub's signed word for the position must lead from our own chains to its root."""
        checkpoint = wire.Checkpoint.of_body(answer["checkpoint"])
        named = {entry["number"]: (entry["sequence"], bytes.fromhex(entry["chain"])) for entry in answer["topics"]}
        leaves = {number: wire.topic_leaf(number, *mark) for number, mark in self.chains.items()}
        root = wire.topics_root(answer["count"], leaves, [bytes.fromhex(node) for node in answer["proof"]])
        if not checkpoint.is_signed(key) or named != self.chains or root != checkpoint.root:
            raise SystemExit("what was read is not what the hub has signed")

    def repair(self):
        self.repairs += 1
        self.catch_up()


class Reader:
    def __init__(self, options):
        self.options = options
        self.link = wire.Link(options.host, options.control, wire.read_keys(options.key), wire.read_keys(options.hub))
        self.posts = {}
        for path in pathlib.Path(options.posts).glob("*.pub"):
            keys = wire.read_keys(path)
            self.posts[keys["name"]] = keys["signing_public"]
        self.stream = Stream(set(options.topic), self.replay)
        if options.after == 0:
            self.stream.chains = {}
        self.feed, self.feed_port = None, None
        self.asked, self.asked_at, self.heard_at = None, 0, 0
        self.arrived = self.shared = self.printed = 0
        self.was_live = self.hears = False
        self.shown = {}  # sequences printed, by topic name

    def replay(self, after):
        self.asked = self.link.ask("replay", after=after, topics=sorted(self.options.topic))
        self.asked_at = time.monotonic()

    def hello(self):
        self.link.ask("hello", program="reader.py 1")
        self.heard_at = time.monotonic()

    def run(self):
        self.hello()
        poller = zmq.Poller()
        poller.register(self.link.control, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(500))
            if self.link.control in ready:
                self.print(self.reply(poller, *wire.decode_control(self.link.control.recv_multipart())))
            if self.feed in ready:
                self.print(self.fed(self.feed.recv_multipart()))
            now = time.monotonic()
            if not self.stream.live and self.asked and now - self.asked_at > PATIENCE:
                self.replay(self.stream.position)
            if now - self.heard_at > SILENCE:
                self.hello()
            # Not before the feed's connection is up: what is published from then on comes over it.
            if self.stream.live and self.hears and not self.was_live:
                print(f"live at offset {self.stream.position}", file=sys.stderr, flush=True)
                self.was_live = True
            if self.printed == self.options.count:
                if self.stream.chains:
                    self.vouch()
                if self.options.shown:
                    self.say_shown()
                print(f"{self.stream.repairs} repairs, {self.shared} deliveries of several alerts", file=sys.stderr)
                return

    def vouch(self):
        """Asks the hub to sign for what was read, and holds it against our own chains."""
        number = self.link.ask("checkpoint", offset=self.stream.position, topics=sorted(self.options.topic))
        while self.link.control.poll(PATIENCE * 1000):
            verb, body, _ = wire.decode_control(self.link.control.recv_multipart())
            if verb == "checkpoint" and body["request"] == number:
                return self.stream.vouched(body, self.link.hub["signing_public"])
        raise SystemExit("no answer to checkpoint")

    def say_shown(self):
        """Tells the hub what was printed, as if a person had read it, until it has that on disk."""
        numbers = {name: number for number, name in self.stream.names.items()}
        topics = []
        for name, sequences in self.shown.items():
            ranges = []
            for sequence in sorted(sequences):
                if ranges and ranges[-1][1] + 1 == sequence:
                    ranges[-1][1] = sequence
                else:
                    ranges.append([sequence, sequence])
            topics.append({"number": numbers[name], "ranges": ranges})
        number = self.link.ask("shown", log=wire.hex16(self.stream.log), topics=topics)
        while self.link.control.poll(PATIENCE * 1000):
            verb, body, _ = wire.decode_control(self.link.control.recv_multipart())
            if verb in ("shown", "refused") and body.get("request") == number:
                if verb == "refused":
                    raise SystemExit(f"refused ({body['code']}): {body['reason']}")
                return
        raise SystemExit("no answer to shown")

    def related(self):
        """Asks which other alerts may be about what one is about, and prints the answer."""
        number = self.link.ask("related", alert=self.options.related)
        while self.link.control.poll(PATIENCE * 1000):
            verb, body, _ = wire.decode_control(self.link.control.recv_multipart())
            if verb in ("related", "refused") and body.get("request") == number:
                if verb == "refused":
                    raise SystemExit(f"refused ({body['code']}): {body['reason']}")
                print(json.dumps(body), flush=True)
                return
        raise SystemExit("no answer to related")

    def reply(self, poller, verb, body, records):
        if verb == "welcome":
            self.welcomed(poller, body)
        elif verb == "page" and body["request"] == self.asked:
            self.asked = None
            yield from self.stream.page(body, wire.decode_page(records))
        elif verb == "refused" and body["code"] not in ("busy", "unavailable"):
            raise SystemExit(f"refused ({body['code']}): {body['reason']}")

    def welcomed(self, poller, welcome):
        if "feed" not in welcome:
            raise SystemExit("nothing may be read")
        if welcome["feed"] != self.feed_port:
            if self.feed:
                poller.unregister(self.feed)
                self.feed.close()
            filters = [name.encode() for name in self.options.topic] + [wire.HEARTBEAT_TOPIC]
            subscriptions = [(zmq.SUBSCRIBE, name) for name in (filters if self.options.topic else [b""])]
            self.feed_port = welcome["feed"]
            self.feed = self.link.connect(zmq.SUB, self.feed_port, [(zmq.SNDHWM, 0)] + subscriptions)
            poller.register(self.feed, zmq.POLLIN)
        if self.stream.position is None:
            after = self.options.after
            self.stream.position = welcome["offset"] if after is None else after
        self.stream.welcomed(welcome)

    def fed(self, frames):
        self.heard_at = time.monotonic()
        if frames[0] == wire.HEARTBEAT_TOPIC:
            self.hears = True
            if len(frames) > 2 and not wire.Checkpoint.decode(frames[2]).is_signed(self.link.hub["signing_public"]):
                raise SystemExit("a checkpoint is not the hub's")
            return self.stream.heartbeat(wire.Heartbeat.decode(frames[1]))
        self.arrived += 1
        if self.arrived in self.options.drop:
            return None
        delivery = wire.Delivery.decode(frames[1])
        self.shared += len(delivery.records) > 1
        return self.stream.delivery(frames[0].decode("ascii"), delivery)

    def print(self, alerts):
        for offset, topic, topic_sequence, received, record in alerts or ():
            if self.printed == self.options.count:
                return
            header = wire.PostHeader.decode(record.header)
            key = self.posts.get(header.post)
            is_verified = key is not None and wire.is_sealed(key, record.header, record.digest, record.seal)
            line = {
                "offset": offset,
                "topic": topic,
                "topic_sequence": topic_sequence,
                "post": header.post,
                "epoch": wire.hex16(header.epoch),
                "sequence": header.sequence,
                "received": received,
                "verified": is_verified,
                "alert": json.loads(record.payload) if record.payload else None,  # None: it was erased
            }
            print(json.dumps(line, ensure_ascii=False), flush=True)
            self.shown.setdefault(topic, set()).add(topic_sequence)
            self.printed += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--control", type=int, required=True, help="the hub's control port")
    parser.add_argument("--hub", required=True, help="the hub's .pub file")
    parser.add_argument("--key", required=True, help="the reader's own .key file")
    parser.add_argument("--posts", required=True, help="the directory of the posts' .pub files")
    parser.add_argument("--topic", action="append", default=[], help="e.g. kh.koh-kong.suspect.; default: everything")
    parser.add_argument("--after", type=int, help="replay after this offset first; default: begin with what comes now")
    parser.add_argument("--count", type=int, help="end after this many alerts")
    parser.add_argument("--shown", action="store_true", help="at the end tell the hub that all of it was shown to a person")
    parser.add_argument("--related", metavar="ID", help="ask what the alert may be related to, print that, and end")
    drop_help = "let go of these deliveries on purpose, whole messages with all their alerts, counted from 1, e.g. 3,7"
    parser.add_argument("--drop", default="", help=drop_help)
    options = parser.parse_args()
    options.drop = {int(number) for number in options.drop.split(",") if number}
    reader = Reader(options)
    try:
        reader.related() if options.related else reader.run()
    finally:
        reader.link.close()


if __name__ == "__main__":
    main()
