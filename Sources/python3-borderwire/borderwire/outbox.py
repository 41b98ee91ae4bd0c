"""The outbox: alerts on disk, with their numbers and seals, until the hub has answered for them. SQLite."""

from __future__ import annotations

import contextlib
import enum
import fcntl
import json
import os
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .drafts import Provinces, complete, header_of, payload_of
from .errors import AlertError, OutboxError
from .frames import MOST, hex16
from .keys import SecretKeys
from .seals import LONGEST_RUN, digest, seal_run

KEPT_FOR = 7 * 86_400.0  # seconds that an answered alert is kept, in case the hub is restored from an older copy

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS alerts (
    id TEXT PRIMARY KEY, epoch TEXT NOT NULL, sequence INTEGER NOT NULL, digest BLOB NOT NULL, state TEXT NOT NULL,
    topic BLOB NOT NULL, header BLOB NOT NULL, payload BLOB, seal BLOB NOT NULL,
    offset INTEGER, code TEXT, reason TEXT, answered REAL, UNIQUE (epoch, sequence)
);
CREATE INDEX IF NOT EXISTS alerts_answered ON alerts (answered);
"""


class State(enum.Enum):
    """What became of an alert."""

    QUEUED = "queued"  # on this disk
    STORED = "stored"  # on the hub's, with an offset
    REJECTED = "rejected"  # never stored, for a reason; what is behind it goes on


@dataclass(frozen=True)
class Outcome:
    """What became of an alert. offset: of a stored one. code, reason: of a rejected one (PROTOCOL.md, "Codes")."""

    id: str
    sequence: int
    state: State
    offset: int | None = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Frames:
    """What goes to the hub for one alert, always the same bytes."""

    sequence: int
    topic: bytes
    header: bytes
    payload: bytes
    seal: bytes

    def encode(self) -> list[bytes]:
        return [self.topic, self.header, self.payload, self.seal]


class Outbox:
    """One file, one process: it has a lock.

    What it promises: an alert that `queue` has returned for is on the disk (synced), with its number and its seal, and goes
    to the hub with these very bytes until the hub has answered; the hub stores it once. A draft under an id that it has already is
    not queued again: so a program that was killed in between, and gives its alerts ids of its own, can say them all again.
    An answered alert is kept for 7 days. A Cancel with the resolution `safe` erases what it cancels here too.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Makes the file if it is not there. Raises OutboxError."""
        self.path = os.fspath(path)
        self._lock = -1
        try:
            self._lock = os.open(self.path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._database = sqlite3.connect(self.path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("PRAGMA secure_delete = ON")
            self._database.executescript(_SCHEMA)
            if self._fact("epoch") is None:
                self.begin_epoch()
        except BlockingIOError as error:
            os.close(self._lock)
            raise OutboxError("open", self.path, "another process has it", "one process publishes at a time") from error
        except (OSError, sqlite3.Error) as error:
            if self._lock >= 0:
                os.close(self._lock)
            raise OutboxError("open", self.path, str(error)) from error

    @property
    def epoch(self) -> int:
        return int(self._fact("epoch") or "0", 16)

    @property
    def last(self) -> int:
        """The last sequence used in this epoch; 0 for none."""
        found = self._ask("SELECT max(sequence) FROM alerts WHERE epoch = ?", hex16(self.epoch))
        return max(int(found[0][0] or 0), int(self._fact("last") or 0))

    def begin_epoch(self) -> None:
        """Numbers from 1 in a new epoch, which carries what waits. For a person to decide: see `OutboxError`'s remedies.

        What waits is sealed anew when `Post` opens it.
        """
        epoch = hex16(int.from_bytes(os.urandom(8), "big") % MOST + 1)
        with self._transaction():
            self._set("epoch", epoch)
            self._set("last", "0")

    def queue(self, drafts: Sequence[Mapping[str, Any]], keys: SecretKeys, provinces: Provinces) -> list[Outcome]:
        """Completes the drafts; on disk when it returns, all of them or none. Raises AlertError, OutboxError.

        A draft under an id that is here already is not queued again, if it says what the first one said.
        """
        fresh: dict[str, Mapping[str, Any]] = {}
        ids: list[str] = []
        for draft in drafts:
            id = str(draft["id"]) if "id" in draft else None
            found = self._ask("SELECT payload FROM alerts WHERE id = ?", id) if id else []
            if id in fresh:
                before: Mapping[str, Any] | None = fresh[id]
            elif found:
                before = json.loads(found[0][0]) if found[0][0] else draft  # erased: nothing is left to compare it with
            else:
                before = complete(draft, keys.name)
                id = str(before["id"])
                fresh[id] = before
            if before is not None and any(name not in before or before[name] != draft[name] for name in draft):
                raise AlertError("queue", str(id), "another alert has this id", "an id names one alert for ever")
            ids.append(str(id))
        with self._transaction():
            self._seal([(alert, payload_of(alert)) for alert in fresh.values()], keys, provinces)
        return [self.outcome(id) for id in ids]

    def outcome(self, id: str) -> Outcome:
        """What became of it. Raises OutboxError for an id that was never queued, or longer ago than an answer is kept."""
        found = self._ask("SELECT sequence, state, offset, code, reason FROM alerts WHERE id = ?", id)
        if not found:
            raise OutboxError("look up", id, f"{self.path} has no such alert")
        sequence, state, offset, code, reason = found[0]
        return Outcome(id, sequence, State(state), offset, code, reason)

    def waiting(self) -> int:
        """How many are not answered."""
        return int(self._ask("SELECT count(*) FROM alerts WHERE state = 'queued'")[0][0])

    def close(self) -> None:
        if self._lock >= 0:
            self._database.close()
            os.close(self._lock)
            self._lock = -1

    # For `Post`.

    def reseal_waiting(self, keys: SecretKeys, provinces: Provinces) -> None:
        """Into the epoch in force, what waits in earlier ones: it was begun for these."""
        order = "SELECT payload FROM alerts WHERE state = 'queued' AND epoch <> ? ORDER BY rowid"
        payloads = [bytes(row[0]) for row in self._ask(order, hex16(self.epoch)) if row[0]]
        with self._transaction():
            self._run("DELETE FROM alerts WHERE state = 'queued' AND epoch <> ?", hex16(self.epoch))
            self._seal([(json.loads(payload), payload) for payload in payloads], keys, provinces)

    def frames(self, first: int, through: int) -> list[Frames]:
        """Of this epoch, in the order of sequences, up to the first whose content is kept no longer."""
        rows = self._ask(
            "SELECT sequence, topic, header, payload, seal FROM alerts WHERE epoch = ? AND sequence BETWEEN ? AND ?"
            " ORDER BY sequence",
            hex16(self.epoch), first, through,
        )  # fmt: skip
        frames: list[Frames] = []
        for index, (sequence, topic, header, payload, seal) in enumerate(rows):
            if sequence != first + index or payload is None:
                break
            frames.append(Frames(sequence, topic, header, payload, seal))
        return frames

    def unanswered(self, through: int) -> list[int]:
        rows = self._ask(
            "SELECT sequence FROM alerts WHERE epoch = ? AND sequence <= ? AND state = 'queued' ORDER BY sequence LIMIT 1000",
            hex16(self.epoch), through,
        )  # fmt: skip
        return [row[0] for row in rows]

    def answered_through(self) -> int:
        """Every alert of this epoch up to it is answered."""
        epoch = hex16(self.epoch)
        found = self._ask("SELECT min(sequence) FROM alerts WHERE epoch = ? AND state = 'queued'", epoch)
        return int(found[0][0]) - 1 if found[0][0] is not None else self.last

    def ids(self, first: int, count: int) -> list[str]:
        rows = self._ask(
            "SELECT id FROM alerts WHERE epoch = ? AND sequence BETWEEN ? AND ? ORDER BY sequence",
            hex16(self.epoch), first, first + count - 1,
        )  # fmt: skip
        return [row[0] for row in rows]

    def answer(self, stored: Sequence[tuple[int, int]], refused: Sequence[tuple[int, str, str]]) -> list[Outcome]:
        """Takes the hub's answers down, in one transaction; gives those that are new.

        stored: pairs of sequence and offset. refused: sequence, code, reason.
        """
        epoch, now = hex16(self.epoch), time.time()
        changed: list[str] = []
        with self._transaction():
            for sequence, offset in stored:
                changed += self._answer(epoch, sequence, now, State.STORED, offset, None, None)
            for sequence, code, reason in refused:
                changed += self._answer(epoch, sequence, now, State.REJECTED, None, code, reason)
            self._run("DELETE FROM alerts WHERE answered < ?", now - KEPT_FOR)
        return [self.outcome(id) for id in changed]

    def fact(self, name: str) -> str | None:
        return self._fact(name)

    def set_fact(self, name: str, value: str) -> None:
        with self._transaction():
            self._set(name, value)

    def _answer(
        self, epoch: str, sequence: int, now: float, state: State, offset: int | None, code: str | None, reason: str | None
    ) -> list[str]:
        where = "SELECT id, payload FROM alerts WHERE epoch = ? AND sequence = ? AND state = 'queued'"
        found = self._ask(where, epoch, sequence)
        for id, payload in found:
            self._run(
                "UPDATE alerts SET state = ?, offset = ?, code = ?, reason = ?, answered = ? WHERE id = ?",
                state.value, offset, code, reason, now, id,
            )  # fmt: skip
            alert = json.loads(payload) if payload else {}
            if state == State.STORED and alert.get("resolution") == "safe":
                for reference in alert.get("references", []):
                    self._run("UPDATE alerts SET payload = NULL WHERE id = ? AND state = 'stored'", reference)
        return [row[0] for row in found]

    def _seal(self, alerts: list[tuple[Mapping[str, Any], bytes]], keys: SecretKeys, provinces: Provinces) -> None:
        epoch, sequence, now = self.epoch, self.last, time.time_ns() // 1_000_000
        headers = []
        for index, (alert, _) in enumerate(alerts):
            headers.append(header_of(alert, keys.name, epoch, sequence + 1 + index, now))
        topics = [_topic(alert, provinces) for alert, _ in alerts]
        for start in range(0, len(alerts), LONGEST_RUN):
            run = range(start, min(start + LONGEST_RUN, len(alerts)))
            seals = seal_run(keys.seed, [(headers[index].encode(), alerts[index][1]) for index in run])
            for index, seal in zip(run, seals):
                payload, header = alerts[index][1], headers[index]
                self._run(
                    "INSERT INTO alerts (id, epoch, sequence, digest, state, topic, header, payload, seal)"
                    " VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?)",
                    str(uuid.UUID(bytes=header.id)), hex16(epoch), header.sequence, digest(payload), topics[index],
                    header.encode(), payload, seal,
                )  # fmt: skip
        self._set("last", str(sequence + len(alerts)))

    def _fact(self, name: str) -> str | None:
        found = self._ask("SELECT value FROM facts WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def _set(self, name: str, value: str) -> None:
        self._run("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)

    def _ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise OutboxError("read", self.path, str(error)) from error

    def _run(self, statement: str, *values: Any) -> None:
        try:
            self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise OutboxError("write", self.path, str(error)) from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._run("COMMIT")


def _topic(alert: Mapping[str, Any], provinces: Provinces) -> bytes:
    """Of its first province and its kind."""
    codes = alert.get("provinces")
    code = codes[0] if isinstance(codes, list) and codes else None
    province = provinces.get(code) if isinstance(code, str) else None
    if province is None:
        remedy = "codes are of ISO 3166-2, such as KH-9"
        raise AlertError("queue", str(alert.get("id")), "provinces: the first is no known province's code", remedy)
    return province.topic(str(alert.get("kind"))).encode()
