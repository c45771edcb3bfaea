"""Secrets that sign: made once, shown once, kept sealed; the one before signs beside the new one for a while."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zhizhi.store.keyring import product_seal

PREFIX = "whsec_"
OCTETS = 32
OVERLAP = timedelta(hours=24)
PURPOSE = "webhooks"


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret as its owner keeps it, and as it is stored."""

    shown: str = field(repr=False)
    sealed: bytes = field(repr=False)


def new_secret(endpoint_id: int) -> NewSecret:
    """A fresh secret of an endpoint."""
    octets = secrets.token_bytes(OCTETS)
    return NewSecret(
        PREFIX + base64.b64encode(octets).decode(), product_seal(PURPOSE).close(octets, _place(endpoint_id))
    )


def secrets_in_force(
    endpoint_id: int, sealed: bytes, before: bytes | None, before_until: datetime | None, at: datetime
) -> tuple[bytes, ...]:
    """The octets that sign at an instant, the newest first. Refuses: KeyUnavailable."""
    seal = product_seal(PURPOSE)
    kept = [sealed]
    if before is not None and before_until is not None and at < before_until:
        kept.append(before)
    return tuple(seal.open(one, _place(endpoint_id)) for one in kept)


def _place(endpoint_id: int) -> str:
    return f"webhook/{endpoint_id}"
