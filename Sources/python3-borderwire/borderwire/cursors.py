"""Where a reading stands, kept over restarts: in a file, or in the database that its results go to."""

from __future__ import annotations

import abc
import fcntl
import json
import os
import sqlite3

from .alert import Position
from .errors import Malformed, SettingsError
from .frames import MOST, Checkpoint, hex16, number_of

_WIDTH = 1_024  # bytes of a cursor's file, always


class Cursor(abc.ABC):
    """A named place in the log, and the hub's last signed word for it that was verified.

    Whoever reads calls `advance` with a batch's position once the batch is dealt with; never the library. Used from one
    thread at a time.
    """

    def __init__(self) -> None:
        self._position: Position | None = None
        self._checkpoint: Checkpoint | None = None

    @property
    def position(self) -> Position | None:
        """None: nothing has been read with it yet."""
        return self._position

    @property
    def checkpoint(self) -> Checkpoint | None:
        return self._checkpoint

    def advance(self, position: Position) -> None:
        """Everything up to there is dealt with. Raises ValueError for a position of another log, or one that goes back."""
        if self._position and (position.log != self._position.log or position.offset < self._position.offset):
            raise ValueError(f"a cursor at {self._position} can't be moved to {position}")
        if position != self._position:
            self._write(position, self._checkpoint)
            self._position = position

    def keep(self, checkpoint: Checkpoint) -> None:
        """For `Reader`: keeps what was verified; on disk with the next advance."""
        self._checkpoint = checkpoint

    @abc.abstractmethod
    def _write(self, position: Position, checkpoint: Checkpoint | None) -> None:
        pass

    def close(self) -> None:
        pass


class CursorFile(Cursor):
    """A cursor in a small file of its own, with a lock: one reader at a time.

    Written over in one piece, so that a kill leaves the old place or the new one; the kernel brings it to the disk. A reader
    that is killed between dealing with a batch and `advance` gets that batch again. Whose results must not have an alert
    twice keeps them by the alert's offset or id, or in one transaction with a `DatabaseCursor`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Makes the file if it is not there. Raises SettingsError."""
        super().__init__()
        self.path = os.fspath(path)
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SettingsError("open", self.path, error.strerror or str(error)) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            data = os.pread(self._file, _WIDTH, 0)
            if data:
                self._position, self._checkpoint = _decode(self.path, data.decode("utf-8", "replace"))
        except BlockingIOError as error:
            self.close()
            raise SettingsError("open", self.path, "another reader has it", "give each its own cursor") from error
        except BaseException:
            self.close()
            raise

    def _write(self, position: Position, checkpoint: Checkpoint | None) -> None:
        data = _encode(position, checkpoint).ljust(_WIDTH - 1) + "\n"
        try:
            os.pwrite(self._file, data.encode(), 0)
            if self._position is None:
                os.fsync(self._file)
        except OSError as error:
            raise SettingsError("write", self.path, error.strerror or str(error)) from error

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class DatabaseCursor(Cursor):
    """A cursor in a table of the SQLite database that the results go to: `advance` writes within the caller's transaction.

    So results and place are committed together, and every alert counts once, also if the program is killed. The caller
    commits. The connection must not be in autocommit mode (isolation_level=None) unless the caller says BEGIN.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        """Makes the table `borderwire_cursor` if it is not there, and commits that."""
        super().__init__()
        self._connection, self._name = connection, name
        with connection:
            connection.execute("CREATE TABLE IF NOT EXISTS borderwire_cursor (name TEXT PRIMARY KEY, place TEXT NOT NULL)")
        found = connection.execute("SELECT place FROM borderwire_cursor WHERE name = ?", (name,)).fetchone()
        if found:
            self._position, self._checkpoint = _decode(f"cursor {name}", found[0])

    def _write(self, position: Position, checkpoint: Checkpoint | None) -> None:
        place = _encode(position, checkpoint)
        self._connection.execute(
            "INSERT INTO borderwire_cursor VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET place = excluded.place",
            (self._name, place),
        )


def _encode(position: Position, checkpoint: Checkpoint | None) -> str:
    frame = checkpoint.frame.hex() if checkpoint else None
    return json.dumps({"log": hex16(position.log), "offset": position.offset, "checkpoint": frame})


def _decode(what: str, text: str) -> tuple[Position, Checkpoint | None]:
    try:
        place = json.loads(text)
        offset, frame = place["offset"], place["checkpoint"]
        if type(offset) is not int or not 0 <= offset <= MOST:
            raise Malformed("offset")
        checkpoint = Checkpoint.decode(bytes.fromhex(frame)) if frame is not None else None
        return Position(number_of(place["log"]), offset), checkpoint
    except (ValueError, KeyError, TypeError, Malformed) as error:
        raise SettingsError("read", what, "it is damaged", "remove it, and say where to begin") from error
