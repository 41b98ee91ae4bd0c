"""Alerts as a reader gets them: what the post said, what its signature is worth, and where in the log it stands."""

from __future__ import annotations

import datetime
import enum
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import Malformed
from .frames import ERASURE, KINDS, MESSAGE_TYPES, STATUSES, WITHDRAWAL, PostHeader, Record
from .keys import Keyring, PublicKeys
from .seals import is_sealed

_KINDS = {code: word for word, code in KINDS.items()}
_STATUSES = {code: word for word, code in STATUSES.items()}
_TYPES = {code: word for word, code in MESSAGE_TYPES.items()} | {WITHDRAWAL: "Withdrawal", ERASURE: "Erasure"}
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
CAMBODIA = datetime.timezone(datetime.timedelta(hours=7))


class Check(enum.Enum):
    """What an alert's signature is worth. Only VALID proves who said it."""

    VALID = "valid"
    INVALID = "invalid"  # it does not verify with any key known of its post
    UNKNOWN = "unknown"  # no key of its post is known here


@dataclass(frozen=True, order=True)
class Position:
    """A place in a log: everything wanted up to this offset has been dealt with."""

    log: int
    offset: int


@dataclass(frozen=True)
class Alert:
    """One message of a post, or a notice of the hub's operator.

    offset: the hub's number of it; the order of everything
    topic: the first of the topics asked for that it is delivered on, `kh.koh-kong.suspect.`
    post: whose word it is; empty where its header can't be read (then `check` is INVALID)
    epoch, sequence: the post's number of it
    id: a UUID, the alert's name for ever
    kind: `suspect`, `movement` or `sighting`; None: a later kind, or an unreadable header
    message_type: `Alert`, `Update`, `Cancel`, `Ack`; of the hub's operator `Withdrawal`, `Erasure`; None: a later one
    status: `Actual`, `Exercise`, `Test`; an Exercise or a Test must never be shown as a real one
    references: ids of the alerts that it is about, those that it changes first
    content: the JSON object as published (borderwire-alert(5)); None: erased, or no JSON object
    check: what its signature is worth
    header, payload, seal: the very bytes, with which others can verify it too
    """

    offset: int
    log: int
    received: datetime.datetime
    topic: str
    topic_sequence: int
    post: str
    epoch: int
    sequence: int
    id: str
    kind: str | None
    message_type: str | None
    status: str | None
    references: tuple[str, ...]
    expires: datetime.datetime | None
    content: dict[str, Any] | None
    check: Check
    header: bytes = field(repr=False)
    payload: bytes = field(repr=False)
    seal: bytes = field(repr=False)

    @property
    def is_erased(self) -> bool:
        """Its content's time was over, or was ended by a person's word; who said something when still shows."""
        return not self.payload

    @property
    def is_notice(self) -> bool:
        """The word of the hub's operator on other alerts; in force only where `check` is VALID."""
        return self.message_type in ("Withdrawal", "Erasure")

    @property
    def position(self) -> Position:
        return Position(self.log, self.offset)

    @property
    def provinces(self) -> tuple[str, ...]:
        """ISO 3166-2 codes, the origin first; of an erased alert none."""
        found = (self.content or {}).get("provinces")
        return tuple(str(code) for code in found) if isinstance(found, list) else ()


def moment(milliseconds: int) -> datetime.datetime | None:
    """In Cambodia's time; None for what a calendar doesn't reach."""
    try:
        return (_EPOCH + datetime.timedelta(milliseconds=milliseconds)).astimezone(CAMBODIA)
    except (OverflowError, ValueError):
        return None


def read_alert(record: Record, log: int, topic: str, sequence: int, posts: Keyring, hubs: Sequence[PublicKeys]) -> Alert:
    """Reads and verifies a record. Whatever a hub sent, the result says so; nothing is left out."""
    try:
        header: PostHeader | None = PostHeader.decode(record.header)
    except Malformed:
        header = None
    content = _content(record.payload)
    received = moment(record.received) or _EPOCH
    if header is None:
        return Alert(
            record.offset, log, received, topic, sequence, "", 0, 0, "", None, None, None, (), None, content,
            Check.INVALID, record.header, record.payload, record.seal,
        )  # fmt: skip
    return Alert(
        offset=record.offset,
        log=log,
        received=received,
        topic=topic,
        topic_sequence=sequence,
        post=header.post,
        epoch=header.epoch,
        sequence=header.sequence,
        id=str(uuid.UUID(bytes=header.id)),
        kind=_KINDS.get(header.kind),
        message_type=_TYPES.get(header.message_type),
        status=_STATUSES.get(header.status),
        references=tuple(str(uuid.UUID(bytes=one)) for one in header.references),
        expires=moment(header.expires),
        content=content,
        check=_check(record, header, content, posts, hubs),
        header=record.header,
        payload=record.payload,
        seal=record.seal,
    )


def _content(payload: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(payload) if payload else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _check(
    record: Record, header: PostHeader, content: dict[str, Any] | None, posts: Keyring, hubs: Sequence[PublicKeys]
) -> Check:
    if header.message_type in (WITHDRAWAL, ERASURE):
        # By the keys that the hubs are known by, not by whatever else has such a name.
        is_hub = any(
            header.post == hub.name and is_sealed(hub.signing, record.header, record.digest, record.seal) for hub in hubs
        )
        return Check.VALID if is_hub else Check.INVALID
    if content is not None and content.get("sender") != header.post:
        return Check.INVALID
    keys = posts.of(header.post)
    if not keys:
        return Check.UNKNOWN
    is_valid = any(is_sealed(one.signing, record.header, record.digest, record.seal) for one in keys)
    return Check.VALID if is_valid else Check.INVALID
