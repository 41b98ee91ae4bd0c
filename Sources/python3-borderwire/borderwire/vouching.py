"""What a reader has the hub sign for, and holds what it read against. A value: no sockets, no clock."""

from __future__ import annotations

from collections.abc import Sequence

from .chains import Mark, TopicChains
from .cursors import Cursor
from .errors import LogChanged, Malformed
from .frames import Body, Checkpoint


class Vouching:
    """Checks what the hub signs, and keeps with the cursor the last checkpoint that was verified."""

    def __init__(self, keys: Sequence[bytes], cursor: Cursor | None) -> None:
        """keys: the signing keys of the hubs."""
        self.keys, self._cursor = keys, cursor
        self.through = -1  # what was read is vouched for up to here
        self._asked: tuple[int, dict[int, Mark]] | None = None  # the offset, and where the chains stood there

    @property
    def kept(self) -> Checkpoint | None:
        """Of an earlier reading."""
        return self._cursor.checkpoint if self._cursor else None

    def check_signed(self, checkpoint: Checkpoint) -> None:
        """Whatever the hub says at any time must be signed by it. Raises LogChanged."""
        if not any(checkpoint.is_signed(key) for key in self.keys):
            what = f"the hub's checkpoint of offset {checkpoint.offset}"
            remedy = "is the hub's .pub file the right one? Else keep what you have, and tell its operator"
            raise LogChanged("verify", what, "no key of a hub that is known here has signed it", remedy)

    def check_fork(self, checkpoint: Checkpoint) -> None:
        """The hub's word now for the offset of the kept one. Raises LogChanged."""
        self.check_signed(checkpoint)
        kept = self.kept
        if kept and kept.offset == checkpoint.offset and (kept.hash, kept.root) != (checkpoint.hash, checkpoint.root):
            cause = "the hub has signed two different logs; the cursor keeps the first of these proofs"
            raise LogChanged("verify", f"the hub's log up to offset {kept.offset}", cause, "keep both, tell its operator")

    def is_wanted(self, position: int, chains: TopicChains) -> bool:
        """Whether there is something that the hub has not signed for yet."""
        return chains.marks is not None and position > self.through

    def ask(self, position: int, chains: TopicChains) -> None:
        """The hub is asked for a checkpoint at this position."""
        self._asked = position, dict(chains.marks or {})

    def forget(self) -> None:
        """No answer will come."""
        self._asked = None

    def answered(self, reply: Body, chains: TopicChains) -> None:
        """Raises LogChanged where what was read is not what the hub signs, Malformed for an answer to something else."""
        if self._asked is None:
            return
        offset, marks = self._asked
        self._asked = None
        checkpoint = chains.vouched(reply, self.keys, marks)
        if checkpoint.offset != offset:
            raise Malformed("a checkpoint of another offset")
        self.through = offset
        place = self._cursor.position if self._cursor else None
        # Never one that lies beyond the cursor: the next start could not link its own chains up to it.
        if self._cursor and place and checkpoint.offset <= place.offset:
            self._cursor.keep(checkpoint)
