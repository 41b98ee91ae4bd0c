#!/usr/bin/env python3
"""Publishes the drafts of a JSON lines file with the library, a few at a time; prints each outcome as a JSON object.

Started again with the same file it says all of them again: ids make sure that none is published twice.
"""

import argparse
import json
import sys

import borderwire


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True)
    parser.add_argument("--outbox", required=True)
    parser.add_argument("--provinces", required=True)
    parser.add_argument("--wait", type=float, default=120)
    parser.add_argument("file")
    options = parser.parse_args()
    with open(options.file, encoding="utf-8") as file:
        drafts = [json.loads(line) for line in file]
    provinces = borderwire.Provinces.load(options.provinces)
    outbox = borderwire.Outbox(options.outbox)
    with borderwire.Post(borderwire.Settings.read(options.config), outbox, provinces) as post:
        for start in range(0, len(drafts), 20):
            post.queue(drafts[start : start + 20])
            for outcome in post.deliver(options.wait):
                line = {"id": outcome.id, "state": outcome.state.value, "offset": outcome.offset, "reason": outcome.reason}
                print(json.dumps(line), flush=True)
        if outbox.waiting():
            sys.exit(75)
        print(json.dumps({"done": [outbox.outcome(draft["id"]).offset for draft in drafts]}), flush=True)


if __name__ == "__main__":
    main()
