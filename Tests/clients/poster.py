#!/usr/bin/env python3
"""Publishes alerts of a JSON lines file as a post, waits for the hub's answers, and prints one JSON object for each.

Written from Sources/Wire/PROTOCOL.md alone; "A post's link" there says what happens here. It keeps nothing on disk, so
it takes a new epoch at each start: a post in service needs an outbox.
"""

import argparse
import datetime
import json
import sys
import time
import uuid

import zmq

import wire

WINDOW = 256  # alerts sent and not yet answered
PATIENCE = 3  # seconds without an answer until the hub is asked where it stands
NEEDS_A_PERSON = ("grant", "epoch", "epochs", "outbox-behind", "conflict", "in-use", "version")


class Poster:
    def __init__(self, options):
        keys = wire.read_keys(options.key)
        self.link = wire.Link(options.host, options.control, keys, wire.read_keys(options.hub))
        self.epoch = wire.new_epoch()
        self.instance = wire.new_epoch()  # also a random number
        with open(options.provinces) as file:
            provinces = [json.loads(line) for line in file]
        self.slugs = {entry["code"]: f"{entry['code'][:2].lower()}.{entry['slug']}" for entry in provinces}
        with open(options.file, "rb") as file:
            lines = [line.strip() for line in file if line.strip()]
        self.outbox = []  # the frames of each alert: made once, sent as often as needed
        for start in range(0, len(lines), wire.LONGEST_RUN):
            self.outbox += self.sealed(keys, start + 1, lines[start : start + wire.LONGEST_RUN])
        self.ids = [json.loads(payload)["id"] for payload in lines]
        self.answers = {}
        self.ingest, self.ingest_port, self.is_up = None, None, False
        self.greeting = None  # the number of the hello under way
        self.consumed = self.sent = 0
        self.progress_at = self.paused_until = 0
        self.deadline = time.monotonic() + options.wait

    def sealed(self, keys, first, payloads):
        """The frames of a run of alerts with the sequences from `first`."""
        now = time.time_ns() // 1_000_000
        headers = [self.header(keys, first + index, now, payload) for index, payload in enumerate(payloads)]
        seals = wire.seal(keys["signing_seed"], list(zip(headers, payloads)))
        return [list(frames) for frames in zip(map(self.topic, payloads), headers, payloads, seals)]

    def header(self, keys, sequence, now, payload):
        """What it says of the alert must be what the payload says."""
        alert = json.loads(payload)
        codes = wire.KINDS[alert["kind"]], wire.MESSAGE_TYPES[alert["msgType"]], wire.STATUSES[alert["status"]]
        expires = round(datetime.datetime.fromisoformat(alert["expires"]).timestamp() * 1000)
        refers = alert.get("references", [])
        answered = alert.get("sighting", {}).get("of") if alert["msgType"] != "Cancel" else None
        if answered:  # last, and once
            refers = [text for text in refers if text != answered] + [answered]
        ids = [uuid.UUID(text).bytes for text in [alert["id"]] + refers]
        return wire.PostHeader(keys["name"], self.epoch, sequence, now, expires, *codes, ids[0], ids[1:]).encode()

    def topic(self, payload):
        alert = json.loads(payload)
        return f"{self.slugs[alert['provinces'][0]]}.{alert['kind']}.".encode()

    def hello(self):
        last = len(self.outbox)
        epoch, instance = wire.hex16(self.epoch), wire.hex16(self.instance)
        self.greeting = self.link.ask("hello", program="poster.py 1", epoch=epoch, last=last, instance=instance, related=True)
        self.progress_at = time.monotonic()

    def run(self):
        self.hello()
        poller = zmq.Poller()
        poller.register(self.link.control, zmq.POLLIN)
        while len(self.answers) < len(self.outbox) and time.monotonic() < self.deadline:
            ready = dict(poller.poll(100))
            if self.link.control in ready:
                self.reply(poller, *wire.decode_control(self.link.control.recv_multipart())[:2])
            if self.ingest in ready:
                self.is_up = self.ingest.recv()[0] == 1
                if self.is_up:
                    self.hello()
            if (self.greeting or self.sent > self.consumed) and time.monotonic() - self.progress_at > PATIENCE:
                self.hello()
            self.send()

    def send(self):
        if not self.is_up or self.greeting or time.monotonic() < self.paused_until:
            return
        while self.sent < min(len(self.outbox), self.consumed + WINDOW):
            self.ingest.send_multipart(self.outbox[self.sent])
            self.sent += 1

    def reply(self, poller, verb, body):
        if verb == "welcome" and body["request"] == self.greeting:
            self.greeting = None
            self.welcomed(poller, body)
        elif verb == "acknowledged" and body["epoch"] == wire.hex16(self.epoch):
            self.progress_at = time.monotonic()
            self.consumed = max(self.consumed, body["through"])
            self.sent = max(self.sent, self.consumed)
            for index, (sequence, offset, count) in enumerate(body["stored"]):
                if "sums" in body and body["sums"][index] != self.sum(sequence, count):
                    raise SystemExit(f"the hub has other alerts under sequences from {sequence} on")
                for step in range(count):
                    self.answer(sequence + step, state="stored", offset=offset + step)
            for refusal in body["refused"]:
                self.answer(refusal["sequence"], state="rejected", code=refusal["code"], reason=refusal["reason"])
        elif verb == "related" and "request" not in body:
            # It comes after the alert's answer, so that the last one's may be missed: this program waits for nothing but answers.
            print(json.dumps({"state": "related", **body}), flush=True)
        elif verb == "resume" and body["epoch"] == wire.hex16(self.epoch):
            self.sent = self.consumed = body["from"] - 1
            self.paused_until = time.monotonic() + (body.get("wait") or 0) / 1000
            self.progress_at = time.monotonic()
        elif verb == "refused" and body["code"] in NEEDS_A_PERSON:
            raise SystemExit(f"refused ({body['code']}): {body['reason']}")

    def sum(self, sequence, count):
        """Which alerts these are, as the hub tells it."""
        total = 0
        for alert in self.ids[sequence - 1 : sequence - 1 + count]:
            total ^= int(alert.replace("-", ""), 16)
        return f"{total:032x}"

    def welcomed(self, poller, welcome):
        if welcome.get("related") is not True:
            raise SystemExit("the hub does not say that it tells of possible matches")
        if "ingest" not in welcome:
            raise SystemExit("nothing may be published")
        self.consumed = self.sent = welcome["through"]
        if self.ingest_port != welcome["ingest"]:
            if self.ingest:
                poller.unregister(self.ingest)
                self.ingest.close()
            self.is_up, self.ingest_port = False, welcome["ingest"]
            options = [(zmq.IMMEDIATE, 1), (zmq.SNDHWM, 2 * WINDOW)]
            self.ingest = self.link.connect(zmq.XPUB, self.ingest_port, options)
            poller.register(self.ingest, zmq.POLLIN)
        # Answers to what is consumed may have been lost with the connection.
        missing = [sequence for sequence in range(1, self.consumed + 1) if sequence not in self.answers]
        if missing:
            through = min(missing[0] + 999, self.consumed)
            self.link.ask("outcomes", epoch=wire.hex16(self.epoch), **{"from": missing[0], "through": through})

    def answer(self, sequence, **result):
        if sequence not in self.answers:
            self.answers[sequence] = result
            line = {"id": self.ids[sequence - 1], "sequence": sequence, **result}
            print(json.dumps(line, ensure_ascii=False), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--control", type=int, required=True, help="the hub's control port")
    parser.add_argument("--hub", required=True, help="the hub's .pub file")
    parser.add_argument("--key", required=True, help="the post's own .key file")
    parser.add_argument("--provinces", required=True, help="what `borderwire provinces --format json` prints")
    parser.add_argument("--wait", type=float, default=10, help="seconds to wait for all answers")
    parser.add_argument("file", help="complete alerts, one JSON object a line")
    poster = Poster(parser.parse_args())
    try:
        poster.run()
    finally:
        poster.link.close()
    if len(poster.answers) < len(poster.outbox):
        sys.exit(75)
    if any(answer["state"] == "rejected" for answer in poster.answers.values()):
        sys.exit(65)


if __name__ == "__main__":
    main()
