"""Who said it: seals over runs of alerts, made and verified (PROTOCOL.md, "Signature")."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

LONGEST_RUN = 16
RUN_PREFIX = b"borderwire run v2\n"


def digest(*pieces: bytes) -> bytes:
    """BLAKE2b with 32 bytes of result and no key, of the pieces joined."""
    return hashlib.blake2b(b"".join(pieces), digest_size=32).digest()


def seal_run(seed: bytes, alerts: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """Signs up to 16 alerts, given as (post header, payload), with one signature; gives one seal for each.

    seed: the author's signing seed, 32 bytes. Raises ValueError for no alerts or too many.
    """
    if not 1 <= len(alerts) <= LONGEST_RUN:
        raise ValueError(f"{len(alerts)} alerts in a run, not 1 to {LONGEST_RUN}")
    levels = [[digest(b"\0", header, digest(payload)) for header, payload in alerts]]
    while len(levels[-1]) > 1:
        pairs = [levels[-1][at : at + 2] for at in range(0, len(levels[-1]), 2)]
        levels.append([digest(b"\1", *pair) if len(pair) == 2 else pair[0] for pair in pairs])
    count = bytes([len(alerts)])
    signature = SigningKey(seed).sign(RUN_PREFIX + count + levels[-1][0]).signature
    seals = []
    for index in range(len(alerts)):
        siblings = [level[(index >> depth) ^ 1 :][:1] for depth, level in enumerate(levels[:-1])]
        seals.append(bytes([index]) + count + signature + b"".join(node for one in siblings for node in one))
    return seals


def is_sealed(key: bytes, header: bytes, payload_digest: bytes, seal: bytes) -> bool:
    """Whether the owner of the signing key (32 bytes, public) sealed exactly this header and payload.

    payload_digest: `digest(payload)`; of an alert whose content was erased, the digest that stands in its place.
    """
    if len(seal) < 66:
        return False
    place, count, signature, path = seal[0], seal[1], seal[2:66], seal[66:]
    if not 1 <= count <= LONGEST_RUN or place >= count:
        return False
    width, run, node = count, bytes([count]), digest(b"\0", header, payload_digest)
    while width > 1:
        if place ^ 1 < width:
            sibling, path = path[:32], path[32:]
            if len(sibling) < 32:
                return False
            node = digest(b"\1", sibling, node) if place % 2 else digest(b"\1", node, sibling)
        place, width = place // 2, (width + 1) // 2
    if path:
        return False
    try:
        VerifyKey(key).verify(RUN_PREFIX + run + node, signature)
        return True
    except (BadSignatureError, ValueError):
        return False
