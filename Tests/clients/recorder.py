#!/usr/bin/env python3
"""Reads with the library, and keeps what it got in a database, in the order in which it came: rows and place in one
transaction, so that a kill shows nothing twice and nothing left out. Prints each offset before that is committed, and `live` once
what comes is new.

Loses deliveries on purpose (--drop): these must come by replay.
"""

import argparse
import sqlite3
import time

import borderwire
import borderwire.reader
from borderwire.frames import HEARTBEAT_TOPIC


class LossyReader(borderwire.Reader):
    drop: frozenset[int] = frozenset()
    arrived = 0

    def _fed(self, stream, frames):
        if frames[0] != HEARTBEAT_TOPIC:
            self.arrived += 1
            if self.arrived in self.drop:
                return
        super()._fed(stream, frames)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--topic", action="append", default=[])
    parser.add_argument("--drop", default="")
    parser.add_argument("--count", type=int, help="end when so many are in the database")
    parser.add_argument("--after", type=int, default=0)
    parser.add_argument("--slow", type=float, default=0, help="seconds that each alert takes")
    options = parser.parse_args()
    database = sqlite3.connect(options.database)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE IF NOT EXISTS got (number INTEGER PRIMARY KEY AUTOINCREMENT, place, id, verified)")
    cursor = borderwire.DatabaseCursor(database, "recorder")
    borderwire.reader.VOUCH_EVERY = 0.2  # so that kills fall between the hub's signatures
    LossyReader.drop = frozenset(int(number) for number in options.drop.split(",") if number)
    with LossyReader(borderwire.Settings.read(options.config), options.topic, cursor=cursor, after=options.after) as reader:
        said = False
        while True:
            batch = reader.next(0.5)
            if batch is not None:
                with database:
                    for alert in batch.alerts:
                        row = alert.offset, alert.id, alert.check.value
                        database.execute("INSERT INTO got (place, id, verified) VALUES (?, ?, ?)", row)
                        print(f"offset {alert.offset}", flush=True)
                        time.sleep(options.slow)
                    cursor.advance(batch.position)
            # Not before the feed's connection is up: what is published from then on comes over it.
            if reader.is_live and reader._heard_at and not said:
                said = True
                print("live", flush=True)
            if options.count is not None:
                if database.execute("SELECT count(*) FROM got").fetchone()[0] >= options.count:
                    break
        print(f"{reader.repairs} repairs", flush=True)


if __name__ == "__main__":
    main()
