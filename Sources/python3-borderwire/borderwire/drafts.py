"""Alerts on their way to the hub: what a draft leaves out, and what its header says of it."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import subprocess
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .alert import CAMBODIA
from .errors import AlertError, SettingsError
from .frames import KINDS, LARGEST_REFERENCES, MESSAGE_TYPES, RESOLUTION_SAFE, STATUSES, PostHeader

LARGEST_PAYLOAD = 65_536  # bytes


@dataclass(frozen=True)
class Province:
    """code: of ISO 3166-2, `KH-9`. slug: its word in topics, `koh-kong`. khmer: None where no Khmer name is known."""

    code: str
    slug: str
    english: str
    khmer: str | None

    def topic(self, kind: str) -> str:
        """kind: `suspect`, `movement` or `sighting`."""
        return f"{self.code[:2].lower()}.{self.slug}.{kind}."


class Provinces:
    """The provinces, as `borderwire provinces --format json` prints them: the topics' words are made there alone."""

    def __init__(self, provinces: Iterable[Province]) -> None:
        self._by_code = {one.code: one for one in provinces}

    @classmethod
    def load(cls, file: str | os.PathLike[str] | None = None, program: str = "borderwire") -> Provinces:
        """file: what that command printed; None: it is run (package borderwire). Raises SettingsError."""
        command = [program, "provinces", "--format", "json"]
        what = os.fspath(file) if file else " ".join(command)
        try:
            if file:
                text = pathlib.Path(file).read_text(encoding="utf-8")
            else:
                done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
                text = done.stdout
                if done.returncode:
                    raise SettingsError("run", what, done.stderr.strip() or f"exit status {done.returncode}")
            lines = [json.loads(line) for line in text.splitlines()]
            return cls(Province(one["code"], one["slug"], one["english"], one.get("khmer")) for one in lines)
        except FileNotFoundError as error:
            remedy = "install the package borderwire, or give the file of what it printed elsewhere"
            raise SettingsError("read" if file else "run", what, "there is none", remedy) from error
        except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
            raise SettingsError("read", what, f"not a list of provinces: {error}") from error

    def get(self, code: str) -> Province | None:
        return self._by_code.get(code)

    def __iter__(self) -> Iterator[Province]:
        return iter(self._by_code.values())


def new_id(now: float | None = None) -> str:
    """A UUID of version 7. now: seconds since 1970."""
    milliseconds = int((time.time() if now is None else now) * 1_000) & (1 << 48) - 1
    random = int.from_bytes(os.urandom(10), "big")
    number = milliseconds << 80 | 7 << 76 | (random >> 62 & 0xFFF) << 64 | 2 << 62 | random & (1 << 62) - 1
    return str(uuid.UUID(int=number))


def rfc3339(moment: datetime.datetime) -> str:
    """As alerts write times: whole seconds, and an offset in numbers; Cambodia's where the moment has none."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=CAMBODIA)
    return moment.replace(microsecond=0).isoformat()


def complete(draft: Mapping[str, Any], sender: str) -> dict[str, Any]:
    """The draft with what it leaves out, as borderwire-alert(5) says: id, sender, sent, expires a day later, the rest Unknown.

    Provinces have to be codes, and texts objects with `km` or `en`. Nothing is checked here: the hub does that.
    """
    now = datetime.datetime.now(CAMBODIA)
    defaults = {
        "id": new_id(now.timestamp()),
        "sender": sender,
        "sent": rfc3339(now),
        "expires": rfc3339(now + datetime.timedelta(days=1)),
        "status": "Actual",
        "msgType": "Alert",
        "urgency": "Unknown",
        "severity": "Unknown",
        "certainty": "Unknown",
        "handling": "TLP:AMBER+STRICT",
    }
    return defaults | dict(draft)


def payload_of(alert: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: one line, members in the order of their names. Raises AlertError."""
    try:
        text = json.dumps(alert, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        payload = text.encode()
    except (TypeError, ValueError) as error:
        raise AlertError("queue", str(alert.get("id")), f"not JSON: {error}") from error
    if len(payload) > LARGEST_PAYLOAD:
        raise AlertError("queue", str(alert.get("id")), f"{len(payload)} bytes, at most {LARGEST_PAYLOAD}")
    return payload


def _id(text: str) -> bytes:
    id = uuid.UUID(text)
    if str(id) != text:
        raise ValueError(f"{text} is no id: a UUID in lower case, with hyphens")
    return id.bytes


def header_of(alert: Mapping[str, Any], post: str, epoch: int, sequence: int, queued: int) -> PostHeader:
    """What a header has to say of the alert. queued: ms since 1970. Raises AlertError where the alert does not say it."""
    try:
        message_type = alert["msgType"]
        codes = KINDS[alert["kind"]], MESSAGE_TYPES[message_type], STATUSES[alert["status"]]
        expires = datetime.datetime.fromisoformat(alert["expires"])
        if expires.tzinfo is None:
            raise ValueError("expires: no offset from UTC")
        own = _id(alert["id"])
        refers = list(alert.get("references", []))
        answered = alert.get("sighting", {}).get("of") if message_type != "Cancel" else None
        if answered is not None:  # last, and once
            refers = [text for text in refers if text != answered] + [answered]
        references = [_id(text) for text in refers]
        if len(references) > LARGEST_REFERENCES:
            raise ValueError(f"references: {len(references)}, at most {LARGEST_REFERENCES}")
        if alert["sender"] != post:
            raise ValueError(f"sender: another than {post}, whose key signs it")
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        cause = f"{error.args[0]}: missing, or not a known word" if isinstance(error, KeyError) else str(error)
        raise AlertError("queue", str(alert.get("id")), cause, "borderwire-alert(5) says what an alert holds") from error
    additions = RESOLUTION_SAFE if alert.get("resolution") == "safe" else b""
    ends = round(expires.timestamp() * 1_000)
    return PostHeader(post, epoch, sequence, queued, ends, *codes, own, references, additions)
