"""What can go wrong. Each error says what was done to what, why that failed, and what to do about it."""

from __future__ import annotations


class BorderwireError(Exception):
    """The root of all errors here. Its text is one sentence for people; the attributes are its parts.

    operation: what was being done (`read`, `connect`, `replay` ...)
    object: what it was done to: a file, the hub's address, an alert's id
    cause: why it failed
    remedy: what to do; empty where the cause says it
    """

    def __init__(self, operation: str, object: str, cause: str, remedy: str = "") -> None:
        self.operation, self.object, self.cause, self.remedy = operation, object, cause, remedy
        super().__init__(f"{operation} {object}: {cause}" + (f"; {remedy}" if remedy else ""))


class SettingsError(BorderwireError):
    """A file of settings, keys or provinces can't be used as it is."""


class HubUnreachable(BorderwireError):
    """The hub did not answer for as long as the caller wanted to wait. Nothing is lost: try again later."""


class Refused(BorderwireError):
    """The hub said no.

    code: why, a word of PROTOCOL.md's "Codes", for programs
    """

    def __init__(self, operation: str, object: str, code: str, cause: str, remedy: str = "") -> None:
        self.code = code
        super().__init__(operation, object, f"refused ({code}): {cause}", remedy)


class LogChanged(BorderwireError):
    """The hub's log is not the one that the cursor is of, lost its end, or is not what the hub signed before.

    Its offsets mean nothing for what was read earlier, so reading stops: a person has to look at both.
    """


class OutboxError(BorderwireError):
    """The outbox can't be used, or what is in it and what the hub has contradict each other. It is left as it is."""


class AlertError(BorderwireError):
    """An alert can't be queued as it is. Nothing was."""


class Malformed(Exception):
    """Bytes that are not what the protocol says. What a feed brings so is taken as lost, and fetched again."""
