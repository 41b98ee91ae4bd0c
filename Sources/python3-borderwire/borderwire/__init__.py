"""Borderwire for Python: alerts against human trafficking, read and published exactly.

A client of Borderwire's hub, written from its protocol (PROTOCOL.md, version 2). The programs `borderwire` and
`borderwire-post` are the reference; this is for analysts' notebooks and for connectors to other systems.

    import borderwire

    settings = borderwire.Settings.read("analyst.toml")     # as of the program borderwire
    for alert in borderwire.replay(settings):               # all there is, verified
        print(alert.offset, alert.post, alert.check.value, alert.content)

- `Reader`: an exact stream, live and over restarts, with a `CursorFile` or a `DatabaseCursor`
- `replay`: what there is, and end
- `Alert`, `Check`: what a post said, and what its signature is worth
- `Post`, `Outbox`: publish; on the disk before it counts as queued, stored by the hub once
- `Settings`, `Hub`, `Keyring`, `PublicKeys`, `SecretKeys`: who one is and whom one knows
- `BorderwireError` and its kinds: what went wrong, why, and what to do

Not here: following the hub over a rotation of its keys (hand over the new hub.pub), telling the hub what a person has
seen, screening of drafts for what must not be in them (the hub refuses those), the readers' standing of alerts (cancelled,
updated ...): `borderwire` has these.
"""

from .alert import Alert, Check, Position
from .cursors import Cursor, CursorFile, DatabaseCursor
from .drafts import Province, Provinces, complete, new_id
from .errors import (
    AlertError,
    BorderwireError,
    HubUnreachable,
    LogChanged,
    Malformed,
    OutboxError,
    Refused,
    SettingsError,
)
from .keys import Keyring, PublicKeys, SecretKeys
from .outbox import Outbox, Outcome, State
from .post import Post
from .reader import Batch, Reader, replay
from .seals import digest, is_sealed
from .settings import Hub, Settings

__all__ = [
    "Alert",
    "AlertError",
    "Batch",
    "BorderwireError",
    "Check",
    "Cursor",
    "CursorFile",
    "DatabaseCursor",
    "Hub",
    "HubUnreachable",
    "Keyring",
    "LogChanged",
    "Malformed",
    "Outbox",
    "OutboxError",
    "Outcome",
    "Position",
    "Post",
    "Province",
    "Provinces",
    "PublicKeys",
    "Reader",
    "Refused",
    "SecretKeys",
    "Settings",
    "SettingsError",
    "State",
    "complete",
    "digest",
    "is_sealed",
    "new_id",
    "replay",
]
