"""Settings: the same file as the program borderwire reads (borderwire-analyst.toml(5))."""

from __future__ import annotations

import os
import pathlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import SettingsError
from .keys import Keyring, PublicKeys, SecretKeys

DEFAULT_FILE = "/etc/borderwire/analyst.toml"
CONTROL_PORT = 5560
MOST_HUBS = 16
# `provinces` and `export` are for borderwire alone.
_KNOWN: Mapping[str, type] = {"key": str, "posts": str, "state": str, "provinces": str, "export": dict}
_KNOWN_OF_HUB: Mapping[str, type] = {"host": str, "control": int, "key": str}


@dataclass(frozen=True)
class Hub:
    """Where the hub is, and by which keys it is known."""

    host: str
    keys: PublicKeys
    control: int = CONTROL_PORT

    @property
    def address(self) -> str:
        return f"{self.host}:{self.control}"


@dataclass(frozen=True)
class Settings:
    """Who one is, where the hub is, and whose signatures can be checked.

    keys: one's own
    hubs: one, or several that share a log, each with a name of its own
    posts: the posts' public keys, handed over by the posts; without one of a post's its alerts are of unknown check
    state: the directory of cursors; None: the settings name none
    """

    keys: SecretKeys
    hubs: tuple[Hub, ...]
    posts: Keyring = field(default_factory=Keyring)
    state: pathlib.Path | None = None

    @classmethod
    def read(cls, path: str | os.PathLike[str] = DEFAULT_FILE) -> Settings:
        """Reads the settings and the key files that they name. Raises SettingsError."""
        place = pathlib.Path(path)
        try:
            members = tomllib.loads(place.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError("read", str(place), error.strerror or str(error)) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError("read", str(place), f"not TOML: {error}") from error
        listed = members.pop("hub", None)
        _check(place, "", members, _KNOWN, {"key"})
        beside = place.absolute().parent
        return cls(
            keys=SecretKeys.read(beside / members["key"]),
            hubs=_hubs(place, listed if isinstance(listed, list) else [listed]),
            posts=Keyring.read(beside / members["posts"]) if "posts" in members else Keyring(),
            state=beside / members["state"] if "state" in members else None,
        )


def _hubs(place: pathlib.Path, listed: list[Any]) -> tuple[Hub, ...]:
    hubs: list[Hub] = []
    for hub in listed:
        if not isinstance(hub, dict):
            raise SettingsError("read", str(place), "there is no section hub", "borderwire-analyst.toml(5) describes it")
        _check(place, "hub.", hub, _KNOWN_OF_HUB, {"host", "key"})
        control = hub.get("control", CONTROL_PORT)
        if not 1 <= control <= 65_535:
            raise SettingsError("read", str(place), "hub.control is not from 1 to 65535")
        hubs.append(Hub(hub["host"], PublicKeys.read(place.absolute().parent / hub["key"]), control))
    names = {hub.keys.name for hub in hubs}
    if len(names) < len(hubs) or not 1 <= len(hubs) <= MOST_HUBS:
        raise SettingsError("read", str(place), f"hub: not 1 to {MOST_HUBS} hubs, each with a name of its own")
    return tuple(hubs)


def _check(
    place: pathlib.Path, prefix: str, members: dict[str, Any], known: Mapping[str, type], needed: set[str]
) -> None:
    for name, value in members.items():
        if name not in known:
            remedy = f"known are {', '.join(prefix + one for one in known)}"
            raise SettingsError("read", str(place), f"{prefix}{name} is not known", remedy)
        if type(value) is not known[name]:
            kind = {str: "a text", int: "a whole number", dict: "a section"}[known[name]]
            raise SettingsError("read", str(place), f"{prefix}{name} is not {kind}")
    for name in needed - members.keys():
        raise SettingsError("read", str(place), f"{prefix}{name} is missing", "borderwire-analyst.toml(5) describes it")
