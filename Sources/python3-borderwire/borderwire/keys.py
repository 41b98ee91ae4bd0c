"""Key files: an identity's own keys, the hub's, and those of the posts whose signatures are checked."""

from __future__ import annotations

import os
import pathlib
import re
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import SettingsError

IDENTITY = re.compile(r"[a-z0-9-]{1,40}")
LARGEST_FILE = 65_536  # bytes


@dataclass(frozen=True)
class PublicKeys:
    """What a `NAME.pub` file holds."""

    name: str
    curve: bytes
    signing: bytes

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> PublicKeys:
        """Raises SettingsError."""
        return cls(*_members(path, _text_of(path), "curve_public", "signing_public"))


@dataclass(frozen=True)
class SecretKeys:
    """What a `NAME.key` file holds. Not shown by repr()."""

    public: PublicKeys
    curve: bytes = field(repr=False)
    seed: bytes = field(repr=False)

    @property
    def name(self) -> str:
        return self.public.name

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> SecretKeys:
        """Refuses a file that others than its user can read (borderwire-keys(5)). Raises SettingsError."""
        text = _text_of(path, is_secret=True)
        name, curve, signing, secret, seed = _members(
            path, text, "curve_public", "signing_public", "curve_secret", "signing_seed"
        )
        return cls(PublicKeys(name, curve, signing), secret, seed)


class Keyring:
    """The posts' public keys, by name; of a post whose keys were rotated there are several."""

    def __init__(self, keys: list[PublicKeys] | None = None) -> None:
        self._keys: dict[str, list[PublicKeys]] = {}
        for one in keys or []:
            self._keys.setdefault(one.name, []).append(one)

    def of(self, name: str) -> list[PublicKeys]:
        """Empty where there is none of that name."""
        return self._keys.get(name, [])

    def __iter__(self) -> Iterator[PublicKeys]:
        return (one for keys in self._keys.values() for one in keys)

    @classmethod
    def read(cls, directory: str | os.PathLike[str]) -> Keyring:
        """Every `.pub` file of a directory, each called by the name in it. Raises SettingsError."""
        try:
            paths = sorted(path for path in pathlib.Path(directory).iterdir() if path.suffix == ".pub")
        except OSError as error:
            raise SettingsError("read", os.fspath(directory), error.strerror or str(error)) from error
        keys = []
        for path in paths:
            one = PublicKeys.read(path)
            if path.name.split(".")[0] != one.name:
                raise SettingsError(
                    "read", str(path), f"it holds a key of {one.name}", f"call it {one.name}.pub, or {one.name}.2.pub"
                )
            keys.append(one)
        return cls(keys)


def _text_of(path: str | os.PathLike[str], is_secret: bool = False) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            facts = os.fstat(file.fileno())
            if is_secret:
                _check_secret(path, facts)
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise SettingsError("read", os.fspath(path), error.strerror or str(error)) from error
    try:
        if len(data) > LARGEST_FILE:
            raise SettingsError("read", os.fspath(path), f"more than {LARGEST_FILE} bytes")
        return data.decode()
    except UnicodeDecodeError as error:
        raise SettingsError("read", os.fspath(path), "not UTF-8") from error


def _check_secret(path: str | os.PathLike[str], facts: os.stat_result) -> None:
    name = os.fspath(path)
    if not stat.S_ISREG(facts.st_mode):
        raise SettingsError("read", name, "not a plain file")
    if facts.st_uid not in (0, os.geteuid()):
        raise SettingsError("read", name, "it belongs to another user", "chown it to the user who runs this program")
    if facts.st_mode & 0o077:
        # The service manager's credentials are opened to their service by an access control list, which shows as group bits.
        credentials = os.environ.get("CREDENTIALS_DIRECTORY")
        is_credential = credentials and pathlib.Path(path).parent == pathlib.Path(credentials)
        if not is_credential or facts.st_uid != 0 or facts.st_mode & 0o027:
            raise SettingsError("read", name, "others can read it", f"chmod 600 {name}")


def _members(path: str | os.PathLike[str], text: str, *keys: str) -> tuple[Any, ...]:
    """The name, and the keys of 32 bytes."""
    try:
        members = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("read", os.fspath(path), f"not TOML: {error}") from error
    name = members.get("name")
    if not isinstance(name, str) or not IDENTITY.fullmatch(name):
        raise SettingsError("read", os.fspath(path), "name is not 1 to 40 of a-z, 0-9 and -")
    values: list[Any] = [name]
    for key in keys:
        value = members.get(key)
        if not isinstance(value, str) or not re.fullmatch("[0-9a-fA-F]{64}", value):
            remedy = "make keys with `borderwire keygen`"
            raise SettingsError("read", os.fspath(path), f"{key} is not 64 hexadecimal digits", remedy)
        values.append(bytes.fromhex(value))
    return tuple(values)
